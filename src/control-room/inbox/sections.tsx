import { renderEstimate } from "../../format/amounts.ts";
import type { Section, ShownTask } from "../../server/api-types.ts";
import { Attempts } from "../parts/attempts.tsx";
import { Fact } from "../parts/fact.tsx";
import { LongText } from "../parts/long-text.tsx";

/** The content of a request. */
export function Sections({ sections }: { sections: readonly Section[] }) {
  // The content never changes, so a section's place is its key.
  return sections.map((section, place) => <SectionView key={`${place} ${section.type}`} section={section} />);
}

function SectionView({ section }: { section: Section }) {
  switch (section.type) {
    case "text":
      return <Text section={section} />;
    case "code":
      return <LongText text={section.text} label={section.label} />;
    case "facts":
      return (
        <dl className="facts">
          {section.facts.map(({ name, text }) => (
            <Fact key={name} name={name} value={text} />
          ))}
        </dl>
      );
    case "values":
      return <Values section={section} />;
    case "attempts":
      return <Attempts attempts={section.attempts} />;
    case "tasks":
      return <Tasks section={section} />;
  }
}

function Text({ section: { label, text, isFolded } }: { section: Extract<Section, { type: "text" }> }) {
  if (!isFolded) return <LongText text={text} label={label} isProse />;
  return (
    <details>
      <summary>{label}</summary>
      <LongText text={text} label={label} isProse />
    </details>
  );
}

function Values({ section: { label, values } }: { section: Extract<Section, { type: "values" }> }) {
  return (
    <section aria-label={label}>
      {values.length === 0 ? (
        <p className="muted">none</p>
      ) : (
        <dl className="values">
          {values.map(({ name, text }) => (
            <div key={name}>
              <dt className="mono">{name}</dt>
              <dd>
                <LongText text={text} label={name} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Tasks({ section: { tasks, estimateUsd } }: { section: Extract<Section, { type: "tasks" }> }) {
  return (
    <>
      <ol className="task-list">
        {tasks.map((task) => (
          <li key={task.id}>
            <Task task={task} />
          </li>
        ))}
      </ol>
      {estimateUsd !== null && <p className="muted">Estimate: {renderEstimate(estimateUsd)}.</p>}
    </>
  );
}

function Task({ task }: { task: ShownTask }) {
  const { id, agent, description, prompt, dependsOn, model, checks } = task;
  return (
    // Open: a person must see a shell command before approving it.
    <details open={checks.length > 0}>
      <summary>
        <span className="mono">{id}</span>
        <span className="task-words">{description}</span>
        <span className="chip">{agent}</span>
        {model !== null && <span className="chip">{model}</span>}
      </summary>
      {dependsOn.length > 0 && <p className="muted">after {dependsOn.join(", ")}</p>}
      <LongText text={prompt} label={`Prompt of ${id}`} isProse />
      {checks.length > 0 && <p className="muted">checked by {checks.join(", and by ")}</p>}
    </details>
  );
}
