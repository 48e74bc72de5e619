import type { HumanRequest } from "../../domain/request.ts";
import { renderAge } from "../../format/amounts.ts";
import { clip } from "../../format/text.ts";
import { KINDS } from "../../requests/kinds.ts";
import type { KindView, NamedText, Section } from "../../requests/view.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import { renderDeadline } from "./render-answer.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderPlan } from "./render-plan.ts";

/** The most characters of a folded text or a fact. */
const SHOWN = 1200;

/** The most characters of a value. Arguments of a call get more room, because a person must see what the call does. */
const VALUE_SHOWN = 8000;

/** One request, with everything that its decision needs. */
export function renderRequest(request: HumanRequest, options: RenderOptions, kinds = KINDS): string {
  const { id, taskId, threadId, askedAt, deadlineAt, defaultAnswer, summary } = request;
  const { nowMs = Date.now() } = options;
  const paint = createPainter(options.color);
  const view = kinds.of(request).view(request);
  const facts = [
    oneLine(id),
    ...(taskId === null ? [] : [`task ${oneLine(taskId)}`]),
    `thread ${threadId}`,
    renderAge(askedAt, nowMs),
    ...(deadlineAt === null || defaultAnswer === null
      ? []
      : [renderDeadline(defaultAnswer, deadlineAt, nowMs)]),
  ];
  return [
    paint("yellow", `? ${view.title}`),
    ...wrapToWidth(facts.join(" · "), options.columns).map((line) => paint("dim", line)),
    "",
    ...wrapped(summary, options),
    ...view.sections.flatMap((section) => renderSection(section, options)),
    ...optionsOf(view).flatMap((line) => wrapped(line, options)),
  ].join("\n");
}

function renderSection(section: Section, options: RenderOptions): string[] {
  switch (section.type) {
    case "text":
      return section.isFolded
        ? wrapped(`${section.label}: ${clip(section.text, SHOWN)}`, options)
        : ["", ...wrapped(section.text, options)];
    case "code":
      return wrapped(section.text, options);
    case "facts":
      return section.facts.flatMap(({ name, text }) => wrapped(`${name}: ${clip(text, SHOWN)}`, options));
    case "values":
      return section.values.flatMap(valueLines).flatMap((line) => wrapped(line, options));
    case "attempts":
      return section.attempts.flatMap(({ attempt, model, digest }) =>
        wrapped(`Attempt ${attempt} (${model}): ${digest}`, options),
      );
    case "tasks":
      return ["", renderPlan(section, options)];
  }
}

function valueLines({ name, text }: NamedText): string[] {
  const shown = clip(text, VALUE_SHOWN);
  return shown.includes("\n")
    ? [`${name}:`, ...shown.split("\n").map((line) => `│ ${line}`)]
    : [`${name}: ${shown}`];
}

/** The numbered answers. */
function optionsOf({ actions }: KindView): string[] {
  return actions.flatMap(({ editor }) =>
    editor.type === "option" ? editor.options.map((option, index) => `${index + 1}) ${option}`) : [],
  );
}

function wrapped(text: string, { columns }: RenderOptions): string[] {
  return wrapToWidth(manyLines(text), columns);
}
