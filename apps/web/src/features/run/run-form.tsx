'use client'

import { cn } from '@flotilla/ui'
import {
  useEffect,
  useMemo,
  useRef,
  useState,
  type Dispatch,
  type KeyboardEvent,
  type RefObject,
  type SetStateAction,
} from 'react'
import { useTranslations } from 'use-intl'
import { ErrorLine } from '../../data/error-note.tsx'
import { errorFacts } from '../../data/error.ts'
import { useHiddenText } from '../../format/with-hidden.tsx'
import { joinWords } from '../../format/shell-words.ts'
import { CommandField, NameAndPlace } from './basic-fields.tsx'
import type { Draft, FieldName } from './draft.ts'
import { formSpot, type Spot } from './error-field.ts'
import { type FieldErrors, RunFormProvider } from './form-context.ts'
import { imageDefaults } from './image-defaults.ts'
import { ImageField } from './image-field.tsx'
import { nameFor, randomSuffix } from './names.ts'
import { PreviewPanel } from './preview-panel.tsx'
import { PairRows, PortRows } from './rows.tsx'
import { RunFooter } from './run-footer.tsx'
import { RunNotes } from './run-notes.tsx'
import { Sections } from './sections.tsx'
import { type Problem, toSpec } from './to-spec.ts'
import { useImageOnHost } from './use-image-on-host.ts'
import { type Launch, useLaunch } from './use-launch.ts'
import { usePastedRun } from './use-pasted-run.ts'
import { usePlaces, useReason } from './use-places.ts'

interface Refusal {
  spot: Spot | null
  error: unknown
}

/** What is left open until one tries, which is no mistake while one still types. */
const untried: ReadonlySet<Problem> = new Set<Problem>(['required', 'whose', 'whichNetwork'])
/** The fields that there are in some modes of the network alone. */
const inMode: ReadonlySet<FieldName> = new Set<FieldName>(['networks', 'sharedWith', 'ports'])

/** Everything a container can be asked to be: the basic things first, the rest folded. */
export function RunForm(props: {
  draft: Draft
  onDraft: Dispatch<SetStateAction<Draft>>
  hidden: boolean
  onShow: (launch: Launch | null) => void
}) {
  const t = useTranslations('run')
  const plain = useHiddenText()
  const { draft, onDraft, hidden } = props
  const element = useRef<HTMLFormElement>(null)
  const places = usePlaces(draft.hostId, draft.engine)
  const { host, engine } = places
  const reason = useReason(engine)
  const onHost = useImageOnHost(draft.image, host, engine)
  const { detail } = onHost
  const run = useRun(draft, places, element, props)
  const pasted = usePastedRun(onDraft, () => run.setRefusal(null))
  const set = (patch: Partial<Draft>) => {
    onDraft((before) => ({ ...before, ...patch }))
    const place = run.refusal?.spot?.field
    if (place !== undefined && (place in patch || (inMode.has(place) && 'network' in patch))) run.setRefusal(null)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    run.submit()
  }
  const where = host === undefined ? null : { hostId: host.id, ...(engine ? { engine: engine.id } : {}) }
  const hasImage = draft.image.trim() !== ''
  return (
    <RunFormProvider value={{ draft, set, errors: run.errors, refused: run.refused, reason, where }}>
      <form
        ref={element}
        hidden={hidden}
        aria-label={t('title')}
        className={cn('min-h-0 flex-1 flex-col', hidden ? 'hidden' : 'flex')}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          run.submit()
        }}
        onKeyDown={press}
      >
        <div className="min-h-0 flex-1 overflow-y-auto">
          <div className="grid max-w-[84rem] gap-x-8 gap-y-6 p-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
            <div className="min-w-0 space-y-5">
              <RunNotes
                hosts={places.query}
                refusal={run.refusal?.spot === null ? run.refusal : null}
                ignored={pasted.ignored}
                onUnderstood={pasted.forget}
              />
              <ImageField
                images={onHost.images}
                found={onHost.found}
                loading={onHost.isListing}
                onPasteRun={pasted.take}
              />
              <NameAndPlace name={run.name} places={places} />
              <CommandField own={detail ? plain(joinWords(detail.command)) : ''} />
              <PortRows exposed={detail?.exposedPorts ?? []} />
              <PairRows field="env" />
              <Sections defaults={detail ? imageDefaults(detail, plain) : null} />
            </div>
            <div className="min-w-0 lg:sticky lg:top-4 lg:self-start">
              <PreviewPanel spec={hasImage ? { ...run.spec, name: run.name } : run.spec} onPasteRun={pasted.take} />
            </div>
          </div>
        </div>
        <RunFooter
          {...{ host, engine, hasImage, name: run.name, busy: run.busy }}
          isPulled={onHost.found === null && !onHost.isOpen}
        />
      </form>
    </RunFormProvider>
  )
}

/** The draft as a specification, what is wrong with it, and its sending; what the server refuses stands under its field. */
function useRun(
  draft: Draft,
  { host, engine }: ReturnType<typeof usePlaces>,
  form: RefObject<HTMLFormElement | null>,
  { hidden, onShow }: { hidden: boolean; onShow: (launch: Launch | null) => void },
) {
  const t = useTranslations('run')
  const [suffix] = useState(randomSuffix)
  const [tried, setTried] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const { spec, problems } = useMemo(() => toSpec(draft), [draft])
  const errors = useMemo(() => {
    const result: FieldErrors = {}
    for (const [field, problem] of Object.entries(problems)) {
      if (tried || !untried.has(problem)) result[field as FieldName] = t(`problems.${problem}`)
    }
    if (refusal?.spot) result[refusal.spot.field] = <ErrorLine error={refusal.error} />
    return result
  }, [problems, tried, refusal, t])
  const name = spec.name ?? nameFor(draft.image, suffix)
  const launch = useLaunch({
    onShow,
    onFailed: (error) => setRefusal({ error, spot: formSpot(errorFacts(error).field, draft) }),
  })
  const submit = () => {
    if (launch.busy) return
    setTried(true)
    setRefusal(null)
    if (Object.keys(problems).length > 0) return focusFirst(form.current)
    if (host) void launch.launch(host.id, engine?.id, { ...spec, name })
  }
  const failing = refusal?.spot ?? null
  useEffect(() => {
    if (failing !== null && !hidden) focusFirst(form.current)
  }, [failing, hidden, form])
  const row = failing?.row ?? null
  const refused = failing === null || row === null ? null : { ...failing, row, error: errors[failing.field] }
  return { spec, name, errors, refusal, refused, setRefusal, submit, busy: launch.busy }
}

/** Puts the cursor where something is wrong, once the folded section that holds it has opened. */
function focusFirst(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => {
    const first = form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-field]:has([role="alert"])')
    const alert = first?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? first
    alert?.focus()
    alert?.scrollIntoView({ block: 'center' })
  })
}
