import { toolKey } from "../../domain/tool-rule.ts";
import { type RuleKind, textIn } from "./rule-kind.ts";

/** `WebFetch(domain:example.com)`: this host, and with `*.` its subdomains. A deny rule is always about both. */
export const domainRules: RuleKind = {
  tools: ["webfetch"],
  problemOf: (about) =>
    /^domain:(\*\.)?[a-z0-9.-]+$/i.test(about) ? undefined : "only domain:HOST can be judged",
  allows: (abouts, { input }) => {
    const host = hostIn(input);
    return (
      host !== undefined &&
      abouts.some((about) => {
        const wanted = hostOf(about);
        return about.includes("*.") ? host.endsWith(`.${wanted}`) : host === wanted;
      })
    );
  },
  denies: (_, about, { tool, input }) => {
    if (toolKey(tool) !== "webfetch") return false;
    const host = hostIn(input);
    return host === undefined || host === hostOf(about) || host.endsWith(`.${hostOf(about)}`);
  },
  hint: "Fetch from another host.",
};

function hostOf(about: string): string {
  return about.slice("domain:".length).replace(/^\*\./, "").replace(/\.$/, "").toLowerCase();
}

function hostIn(input: unknown): string | undefined {
  const url = textIn(input, "url") ?? "";
  return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, "") : undefined;
}
