import { useCallback, useRef, useState } from "react";
import { ApiError } from "../data/api.ts";

export interface Sending {
  /** Runs one action at a time. A refusal is in `error` until the next action. */
  readonly send: (action: () => Promise<void>) => Promise<void>;
  readonly isSending: boolean;
  readonly error: ApiError | null;
}

export function useSending(): Sending {
  const [state, setState] = useState<Omit<Sending, "send">>({ isSending: false, error: null });
  const isBusy = useRef(false);
  const send = useCallback(async (action: () => Promise<void>) => {
    if (isBusy.current) return; // A double click.
    isBusy.current = true;
    setState({ isSending: true, error: null });
    try {
      await action();
      setState({ isSending: false, error: null });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState({ isSending: false, error });
    } finally {
      isBusy.current = false;
    }
  }, []);
  return { send, ...state };
}
