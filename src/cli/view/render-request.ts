import { commandLine } from "../../app.ts";
import type { HumanRequest } from "../../domain/request.ts";
import { renderAge, renderPlural } from "../../format/amounts.ts";
import {
  diffForDecision,
  lineForDecision,
  renderHidden,
  renderLength,
  SHOWN_LINES,
} from "../../format/decision-text.ts";
import { clip } from "../../format/text.ts";
import { KINDS } from "../../requests/kinds.ts";
import type { KindView, Section } from "../../requests/view.ts";
import { shellWord } from "./answer-hint.ts";
import { barredLines, markedLines, namedLines } from "./decision-lines.ts";
import { oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter, type Painter, type Tone } from "./paint.ts";
import { renderDeadline } from "./render-answer.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderPlan } from "./render-plan.ts";

/** The characters of a summary above the content. */
const SUMMARY_CHARACTERS = 600;

/** What is shown of a request, and the lines that are left. */
export interface ShownRequest {
  readonly lines: readonly string[];
  readonly rest: readonly string[];
}

/** One request with everything that its decision needs. A long one is cut, and says so. */
export function renderRequest(request: HumanRequest, options: RenderOptions, kinds = KINDS): string {
  return [...headOf(request, options, kinds), "", ...shownContent(request, options, kinds).lines].join("\n");
}

/** One request, whole. */
export function renderWhole(request: HumanRequest, options: RenderOptions, kinds = KINDS): string {
  return [...headOf(request, options, kinds), "", ...contentOf(request, options, kinds)].join("\n");
}

/** The content of a request, cut if it is long. The last line then says how much is left. */
export function shownContent(request: HumanRequest, options: RenderOptions, kinds = KINDS): ShownRequest {
  const lines = contentOf(request, options, kinds);
  const { size } = kinds.of(request).view(request);
  if (!size.isLong || lines.length <= SHOWN_LINES) return { lines, rest: [] };
  const left = renderPlural(lines.length - SHOWN_LINES, "more line");
  const note = `… ${left}. The whole request has ${renderLength(size.characters)}. See all:`;
  const paint = createPainter(options.color);
  return {
    lines: [
      ...lines.slice(0, SHOWN_LINES),
      ...wrapToWidth(note, options.columns).map((line) => paint("yellow", line)),
      `  ${showCommand(request)}`,
    ],
    rest: lines.slice(SHOWN_LINES),
  };
}

/** The command that shows a request whole. */
export function showCommand({ id }: Pick<HumanRequest, "id">): string {
  return commandLine(`show --request ${shellWord(id)}`);
}

function headOf(request: HumanRequest, options: RenderOptions, kinds: typeof KINDS): string[] {
  const { id, taskId, threadId, askedAt, deadlineAt, defaultAnswer } = request;
  const { nowMs = Date.now() } = options;
  const paint = createPainter(options.color);
  const facts = [
    oneLine(id),
    ...(taskId === null ? [] : [`task ${lineForDecision(taskId)}`]),
    `thread ${threadId}`,
    renderAge(askedAt, nowMs),
    ...(deadlineAt === null || defaultAnswer === null
      ? []
      : [renderDeadline(defaultAnswer, deadlineAt, nowMs)]),
  ];
  return [
    paint("yellow", `? ${kinds.of(request).view(request).title}`),
    ...wrapToWidth(facts.join(" · "), options.columns).map((line) => paint("dim", line)),
  ];
}

function contentOf(request: HumanRequest, options: RenderOptions, kinds: typeof KINDS): string[] {
  const { columns, color } = options;
  const view = kinds.of(request).view(request);
  const paint = createPainter(color);
  const summary = lineForDecision(request.summary);
  const hidden = renderHidden(view.size.hidden);
  return [
    // The sections have the whole of a summary that is cut.
    ...markedLines(view.sections.length === 0 ? summary : clip(summary, SUMMARY_CHARACTERS), columns),
    ...view.sections.flatMap((section) => renderSection(section, options, paint)),
    ...optionsOf(view, columns),
    ...(hidden === "" ? [] : wrapToWidth(hidden, columns).map((line) => paint("yellow", line))),
  ];
}

function renderSection(section: Section, options: RenderOptions, paint: Painter): string[] {
  const { columns } = options;
  switch (section.type) {
    case "text":
    case "code":
      return namedLines(section.label, section.text, columns);
    case "diff":
      return [`${section.label}:`, ...diffOf(section.text, columns, paint)];
    case "facts":
      return section.facts.flatMap(({ name, text }) => namedLines(name, text, columns));
    case "values":
      return section.values.flatMap(({ name, text }) => namedLines(lineForDecision(name), text, columns));
    case "attempts":
      return section.attempts.flatMap(({ attempt, model, digest }) =>
        namedLines(`Attempt ${attempt} (${lineForDecision(model)})`, digest, columns),
      );
    case "tasks":
      return ["", renderPlan(section, options)].flatMap((lines) => lines.split("\n"));
  }
}

const DIFF_TONES: Readonly<Record<string, Tone>> = { "+": "green", "-": "red", "@": "cyan" };

function diffOf(diff: string, columns: number, paint: Painter): string[] {
  return diffForDecision(diff)
    .split("\n")
    .flatMap((line) => barredLines(line, columns).map((shown) => paint(DIFF_TONES[line[0] ?? ""], shown)));
}

/** The numbered answers. */
function optionsOf({ actions }: KindView, columns: number): string[] {
  return actions.flatMap(({ editor }) =>
    editor.type === "option"
      ? editor.options.flatMap((option, index) =>
          markedLines(`${index + 1}) ${lineForDecision(option)}`, columns),
        )
      : [],
  );
}
