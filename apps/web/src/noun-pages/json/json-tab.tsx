'use client'

import { cn, CopyButton, Input, SearchSign, Segmented } from '@flotilla/ui'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import json from '../../../messages/en/json.json'
import { WithHidden } from '../../format/with-hidden.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { jsonLines, shownLines, type JsonToken } from './json-lines.ts'

const lineHeight = 20

const looks: Record<JsonToken['kind'], string> = {
  name: 'text-accent',
  string: 'text-ok',
  number: 'text-unknown',
  word: 'text-warn',
  mark: 'text-muted',
}

interface JsonTabProps {
  name: string
  /** The row, and in `detail` what its host says beyond that: the engine's own document as `native`; null while it is away. */
  of: { detail: { native: unknown } | null }
}

/** All that is known of a thing as a document: Flotilla's own, or the engine's. */
export const JsonTab = withTexts({ json }, function JsonTab({ name, of }: JsonTabProps) {
  const t = useTranslations('json')
  const common = useTranslations('common')
  const [which, setWhich] = useState<'flotilla' | 'engine'>('flotilla')
  const [find, setFind] = useState('')
  const document = useMemo(() => {
    if (which === 'engine') return of.detail?.native ?? {}
    const { detail, ...row } = of
    const { native: _native, ...rest } = detail ?? { native: {} }
    return { ...row, detail: detail === null ? null : rest }
  }, [which, of])
  const text = useMemo(() => JSON.stringify(document, null, 2), [document])
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <div className="relative w-full min-w-40 sm:max-w-72">
          <SearchSign />
          <Input
            type="search"
            aria-label={t('find')}
            placeholder={t('find')}
            value={find}
            onChange={(event) => setFind(event.target.value)}
            className="pl-8"
          />
        </div>
        <div className="ml-auto flex items-center gap-2">
          {of.detail === null ? null : (
            <Segmented
              label={t('which')}
              value={which}
              options={[
                { value: 'flotilla', label: t('flotilla') },
                { value: 'engine', label: t('engine') },
              ]}
              onChange={setWhich}
            />
          )}
          <CopyButton
            showLabel
            text={text}
            label={common('copy')}
            copiedLabel={common('copied')}
            failedLabel={common('copyFailed')}
            className="h-8"
          />
        </div>
      </div>
      <Lines key={which} document={document} find={find} label={t('label', { name })} />
    </div>
  )
})

function Lines({ document, find, label }: { document: unknown; find: string; label: string }) {
  const t = useTranslations('json')
  const scroller = useRef<HTMLDivElement>(null)
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set())
  const lines = useMemo(() => jsonLines(document), [document])
  const needle = find.trim().toLowerCase()
  const shown = useMemo(() => {
    if (needle === '') return shownLines(lines, folded)
    return lines.flatMap((line, index) =>
      line.tokens
        .map((token) => token.text)
        .join('')
        .toLowerCase()
        .includes(needle)
        ? [index]
        : [],
    )
  }, [lines, folded, needle])
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 20,
    paddingStart: 8,
    paddingEnd: 8,
  })
  const toggle = (index: number) => {
    const next = new Set(folded)
    if (!next.delete(index)) next.add(index)
    setFolded(next)
  }
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={label}
      className="min-h-0 flex-1 overflow-auto bg-field font-mono text-xs leading-5 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
    >
      {shown.length === 0 ? <p className="p-4 font-sans text-sm text-muted">{t('nothing')}</p> : null}
      <div className="relative min-w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const index = shown[item.index] ?? 0
          const line = lines[index]
          if (!line) return null
          return (
            <JsonLine
              key={item.key}
              line={line}
              number={index + 1}
              top={item.start}
              isSearched={needle !== ''}
              folded={folded.has(index)}
              onToggle={() => toggle(index)}
            />
          )
        })}
      </div>
    </div>
  )
}

/** A line of the document; where something begins that has lines of its own, it folds. */
function JsonLine(props: {
  line: ReturnType<typeof jsonLines>[number]
  number: number
  /** Where it stands, in pixels. */
  top: number
  /** Only lines that fit are shown, so none folds and none is indented. */
  isSearched: boolean
  folded: boolean
  onToggle: () => void
}) {
  const t = useTranslations('json')
  const { line, folded } = props
  const canFold = line.closes !== null && !props.isSearched
  return (
    <div
      className="absolute top-0 left-0 flex h-5 whitespace-pre hover:bg-raised/60"
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <span aria-hidden className="w-12 shrink-0 pr-3 text-right text-faint select-none">
        {props.number}
      </span>
      <span className="w-4 shrink-0">
        {canFold ? (
          <button
            type="button"
            aria-label={folded ? t('unfold') : t('fold')}
            aria-expanded={!folded}
            onClick={props.onToggle}
            className="rounded-sm text-faint hover:text-fg focus-visible:outline-2 focus-visible:outline-accent"
          >
            {folded ? <ChevronRight className="mt-1 size-3" /> : <ChevronDown className="mt-1 size-3" />}
          </button>
        ) : null}
      </span>
      <span>
        {'  '.repeat(props.isSearched ? 0 : line.depth)}
        {line.tokens.map((token, at) => (
          <span key={at} className={cn(looks[token.kind])}>
            <WithHidden text={token.text} />
          </span>
        ))}
        {canFold && folded ? <span className="text-faint"> {t('items', { count: line.items })}</span> : null}
      </span>
    </div>
  )
}
