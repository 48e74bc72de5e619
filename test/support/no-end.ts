/**
 * A text for a scripted answer that is cut off, and says only the same when it is asked to go on: the attempt fails, and a human
 * may take what there is. In a script: `{ text: NO_END, cut: "answer", when: … }`.
 */
export const NO_END = "This answer has no end.";

/** The output of such an attempt. */
export const TAKEN = `${NO_END}\n\n(The answer was cut off here.)`;
