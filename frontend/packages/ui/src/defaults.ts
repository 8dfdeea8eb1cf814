/** The hue of the committed style sheet, before a programme's own is known. */
export const DEFAULT_HUE = 150
