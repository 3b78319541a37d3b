/** Behind white words that tell of a failure: readable in light and dark, as Ant Design's own red of dark pages is not. */
export const WRONG = "#a8071a";
