import localFont from 'next/font/local'

/**
 * The Latin part of the two fonts, which every page asks for before its style sheet is read. What it lacks comes from the
 * packages' own families, behind these in `globals.css`, a script at a time and only where it is shown.
 */
export const sansFont = localFont({
  src: '../../../../node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2',
  variable: '--font-geist-sans',
  weight: '100 900',
  adjustFontFallback: false,
})

export const monoFont = localFont({
  src: '../../../../node_modules/@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2',
  variable: '--font-geist-mono',
  weight: '100 900',
  adjustFontFallback: false,
})
