import { type FormEvent, useState } from "react";
import type { GraphList, NewThreadBody, ThreadStarted } from "../../server/api-types.ts";
import { post } from "../data/api.ts";
import { useResource } from "../data/use-resource.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Notice } from "../parts/notice.tsx";
import { useSending } from "../parts/use-sending.ts";
import { goTo } from "../use-route.ts";
import { runBody } from "./run-body.ts";

/** The form that starts a run, then opens its thread. */
export function StartRun({ onClose }: { onClose: () => void }) {
  const { value: graphs, error: graphsError } = useResource<GraphList>("/graphs");
  const [isSimulated, setSimulated] = useState(false);
  const { send, isSending, error } = useSending();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body: NewThreadBody = runBody(new FormData(event.currentTarget));
    void send(async () => {
      const { thread } = await post<ThreadStarted>("/threads", body);
      goTo({ page: "thread", id: thread, view: "graph", task: null });
    });
  };
  return (
    <Dialog title="Start a run" onClose={onClose}>
      <form className="dialog-body" onSubmit={submit}>
        <label>
          Input
          <textarea
            name="input"
            required
            rows={4}
            placeholder="What should the agents do? Put @agent before a part to choose its agent."
          />
        </label>
        <div className="form-row">
          <label>
            Graph
            <select name="graph" required>
              {graphs?.graphs.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label>
            Budget, USD
            <input
              name="budgetUsd"
              type="number"
              min="0.0001"
              step="any"
              placeholder="0.30"
              inputMode="decimal"
            />
          </label>
          <label>
            Agents in parallel
            <input name="parallel" type="number" min="1" max="10" placeholder="8" inputMode="numeric" />
          </label>
          <label>
            Executor
            <select name="executor" onChange={({ target }) => setSimulated(target.value === "simulated")}>
              <option value="">default</option>
              {graphs?.drivers.map(({ name, label }) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
              <option value="simulated">simulator</option>
            </select>
          </label>
          <label>
            Model
            <input name="model" placeholder="default" />
          </label>
        </div>
        <label className="check">
          <input type="checkbox" name="autoApprove" />
          Run the plan without asking me
        </label>
        {isSimulated && <Notice>The simulator is free. Its answers repeat words of your input.</Notice>}
        {(error ?? graphsError) && <Notice tone="error">{(error ?? graphsError)?.message}</Notice>}
        <div className="actions">
          <button type="submit" className="primary" disabled={isSending || !graphs}>
            {isSending ? "Starting…" : "Start"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
