import { WithHidden } from './with-hidden.tsx'

/** A value in its own words, whose secrets stay hidden. */
export function Code({ text }: { text: string }) {
  return (
    <code className="font-mono text-xs break-all">
      <WithHidden text={text} />
    </code>
  )
}

/** Several of them, one below the other. */
export function Lines({ lines, none }: { lines: readonly string[]; none: string }) {
  if (lines.length === 0) return <span className="text-faint">{none}</span>
  return (
    <ul className="space-y-0.5">
      {lines.map((line) => (
        <li key={line}>
          <Code text={line} />
        </li>
      ))}
    </ul>
  )
}
