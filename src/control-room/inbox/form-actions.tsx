interface FormActionsProps {
  readonly word: string;
  readonly isSending: boolean;
  readonly onCancel: () => void;
}

/** The end of a form that answers a request. */
export function FormActions({ word, isSending, onCancel }: FormActionsProps) {
  return (
    <div className="actions">
      <button type="submit" className="primary" disabled={isSending}>
        {word}
      </button>
      <button type="button" className="quiet" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
