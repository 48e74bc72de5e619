import { type Part, percentile } from "../part.ts";

const STARTS = 5;

/** From starting the command, as people do, to its first Claude request. */
export const start: Part = {
  name: "start",
  measure: async (lab, note) => {
    note("time from starting the command to its first Claude request");
    const starts: number[] = [];
    for (let count = 0; count < STARTS; count++) starts.push(await lab.firstRequestMs());
    const figure = percentile(starts.slice(1), 0.5);
    return {
      figures: { starts },
      text: `first Claude request ${figure.toFixed(0)} ms after the command starts`,
      goals: [{ name: "first Claude request after the command starts", figure, limit: 1000, unit: "ms" }],
    };
  },
};
