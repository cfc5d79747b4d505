import type { ITheme } from '@xterm/xterm'

/** The terminal's colours out of the page's, so that it is at home in both themes. xterm reads hexadecimal only. */
export function terminalTheme(element: HTMLElement): ITheme {
  const style = getComputedStyle(element)
  const canvas = document.createElement('canvas')
  canvas.width = 1
  canvas.height = 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const colour = (name: string): string => {
    if (!context) return '#888888'
    context.fillStyle = style.getPropertyValue(name)
    context.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
    return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`
  }
  const foreground = colour('--fg')
  return {
    background: colour('--field'),
    foreground,
    cursor: colour('--accent'),
    cursorAccent: colour('--field'),
    selectionBackground: `${colour('--accent')}55`,
    black: colour('--line-strong'),
    brightBlack: colour('--faint'),
    red: colour('--bad'),
    brightRed: colour('--bad'),
    green: colour('--ok'),
    brightGreen: colour('--ok'),
    yellow: colour('--warn'),
    brightYellow: colour('--warn'),
    blue: colour('--accent'),
    brightBlue: colour('--accent'),
    magenta: colour('--unknown'),
    brightMagenta: colour('--unknown'),
    cyan: colour('--busy'),
    brightCyan: colour('--busy'),
    white: colour('--muted'),
    brightWhite: foreground,
  }
}
