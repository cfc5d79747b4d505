/**
 * How pages are looked at unless a test asks for another look. Motion is left out, as a person may ask for: each of its frames
 * is drawn by the processor.
 */
export const look = { viewport: { width: 1440, height: 900 }, colorScheme: 'dark', reducedMotion: 'reduce' } as const
