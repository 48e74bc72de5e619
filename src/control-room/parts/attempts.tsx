interface Attempt {
  readonly attempt: number | null;
  readonly model: string;
  readonly failure: string;
  readonly digest: string;
}

/** Failed attempts, each with its number, reason and model. */
export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  return (
    <ol className="attempts">
      {attempts.map(({ attempt, model, failure, digest }) => (
        <li key={attempt}>
          <span className="number muted">{attempt}</span>
          <span className="chip">{failure}</span>
          <p>{digest}</p>
          <span className="muted">{model}</span>
        </li>
      ))}
    </ol>
  );
}
