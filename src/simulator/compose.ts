import { MATERIAL_RULE, MATERIAL_TAGS } from "../domain/material.ts";
import { clip } from "../format/text.ts";
import { composePlan } from "./compose-plan.ts";
import { keySentences, requestIn, type Section, sectionsIn, sentencesIn, topicsIn } from "./extract.ts";
import { answerSchemaOf, type MessagesRequest, promptOf, systemOf } from "./request.ts";
import { valueFromSchema } from "./value-from-schema.ts";

const DISCLAIMER = "_Simulated with words of the prompt, without a model._";

/** The answer to a request: JSON by its schema, otherwise Markdown. All words come from the prompt. */
export function composeAnswer(request: MessagesRequest, chance: () => number): string {
  const prompt = withoutTags(promptOf(request));
  const schema = answerSchemaOf(request);
  if (!schema) return withLastLine(composeText(prompt), request, chance);
  const plan = composePlan(schema, prompt);
  if (plan) return JSON.stringify(plan);
  const sentences = sentencesIn(prompt);
  const value = valueFromSchema(schema, {
    textFor: (name, count) => sentences[count % Math.max(1, sentences.length)] ?? name,
  });
  return JSON.stringify(withResult(value, prompt, chance));
}

/** A prompt without the tags around what others wrote, and without the rule about them: they are no words of the work. */
function withoutTags(prompt: string): string {
  return prompt.replaceAll(MATERIAL_TAGS, "").replaceAll(MATERIAL_RULE, "");
}

/** The work with the line about it that an agent is asked for. */
function withLastLine(text: string, request: MessagesRequest, chance: () => number): string {
  if (!systemOf(request).includes("<result>{")) return text;
  const round = () => Math.round((0.3 + chance() * 0.6) * 100) / 100;
  const emotionalState = { focus: round(), curiosity: round(), doubt: round() };
  const about = { summary: summaryOf(withoutTags(promptOf(request))), confidence: round(), emotionalState };
  return `${text}\n\n<result>${JSON.stringify(about)}</result>`;
}

function summaryOf(prompt: string): string {
  const { before, sections } = sectionsIn(prompt);
  const [topic = "The task"] = sentencesIn(before);
  const basis =
    sections.length > 0 ? `, building on ${sections.map((section) => nameOf(section.title)).join(", ")}` : "";
  return clip(`Simulated work on: ${topic.replace(/[.!?]$/, "")}${basis}`, 280);
}

/** An agent's result has a readable summary and output. The schema determines the rest. */
function withResult(value: unknown, prompt: string, chance: () => number): unknown {
  if (typeof value !== "object" || value === null || !("summary" in value) || !("output" in value))
    return value;
  if (typeof value.summary !== "string" || typeof value.output !== "string") return value;
  const named = Object.entries(value).map(([name, entry]) => [name, intensities(name, entry, chance)]);
  return {
    ...Object.fromEntries(named),
    summary: summaryOf(prompt),
    output: composeText(prompt),
  };
}

/** Confidence and emotions: numbers from 0 to 1, different for each prompt. */
function intensities(name: string, entry: unknown, chance: () => number): unknown {
  const round = () => Math.round((0.3 + chance() * 0.6) * 100) / 100;
  if (name === "confidence" && typeof entry === "number") return round();
  if (name !== "emotionalState" || typeof entry !== "object" || entry === null) return entry;
  return Object.fromEntries(Object.entries(entry).map(([emotion]) => [emotion, round()]));
}

/** Combines the question, the prompt's sentences about it, and the main points of its sections (results of others). */
function composeText(prompt: string): string {
  const { before, sections } = sectionsIn(prompt);
  const asked = requestIn(before);
  const sentences = sentencesIn(asked);
  const title = clip(sentences[0] ?? "Answer", 100).replace(/[.!?]$/, "");
  const points = keySentences(sentences.slice(1), 5);
  const shown = new Set(sentences);
  return [
    `# ${title}`,
    ...(points.length > 0 ? [points.map((point) => `- ${point}`).join("\n")] : []),
    ...sections.map((section) => composeSection(section, shown)),
    `Topics: ${topicsIn(asked, 6).join(", ") || "none"}.`,
    DISCLAIMER,
  ].join("\n\n");
}

/** A section's key sentences. Leaves out repetitions, unless nothing else is left. */
function composeSection({ title, text }: Section, shown: Set<string>): string {
  const sentences = sentencesIn(text.replaceAll(DISCLAIMER, "").replaceAll(/^## .*$/gm, "")).filter(
    (one) => !one.startsWith("Topics:"),
  );
  const fresh = sentences.filter((sentence) => !shown.has(sentence));
  const points = keySentences(fresh.length > 0 ? fresh : sentences.slice(0, 1), 3);
  for (const point of points) shown.add(point);
  const body = points.length > 0 ? points.map((point) => `- ${point}`).join("\n") : "- No result.";
  return `## ${clip(title, 100)}\n\n${body}`;
}

/** Shows only the id of `facts (sydney-research): …`. */
function nameOf(title: string): string {
  return title.split(/[\s(:]/, 1)[0] ?? title;
}
