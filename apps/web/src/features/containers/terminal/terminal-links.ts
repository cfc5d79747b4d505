import type { ILink, ILinkProvider, Terminal } from '@xterm/xterm'

const address = /https?:\/\/[^\s"'<>()[\]{}]+[^\s"'<>()[\]{}.,:;!?]/g

/** Web addresses in the output open in a new tab. */
export function webLinks(terminal: Terminal): ILinkProvider {
  return {
    provideLinks(row, callback) {
      const text = terminal.buffer.active.getLine(row - 1)?.translateToString(true) ?? ''
      const links = [...text.matchAll(address)].map(
        (match): ILink => ({
          text: match[0],
          range: { start: { x: match.index + 1, y: row }, end: { x: match.index + match[0].length, y: row } },
          activate: () => window.open(match[0], '_blank', 'noopener,noreferrer'),
        }),
      )
      callback(links.length > 0 ? links : undefined)
    },
  }
}
