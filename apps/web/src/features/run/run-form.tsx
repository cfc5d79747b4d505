'use client'

import { Button, cn, Input, Note, Skeleton, toast } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, type Dispatch, type SetStateAction } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorLine, ErrorNote, useErrorText } from '../../data/error-note.tsx'
import { errorCode } from '../../data/error.ts'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { useHiddenText } from '../../format/with-hidden.tsx'
import { fullReference } from '../../format/image-reference.ts'
import type { Draft, FieldName } from './draft.ts'
import { errorField } from './error-field.ts'
import { type FieldErrors, RunFormProvider } from './form-context.ts'
import { FormField } from './form-field.tsx'
import { ImageField } from './image-field.tsx'
import { nameFor, randomSuffix } from './names.ts'
import { parseDockerRun } from './parse-docker-run.ts'
import { PreviewPanel } from './preview-panel.tsx'
import { PairRows, PortRows } from './rows.tsx'
import { Sections, type ImageDefaults } from './sections.tsx'
import { joinWords } from '../../format/shell-words.ts'
import { toSpec } from './to-spec.ts'
import { type Launch, useLaunch } from './use-launch.ts'
import { engineTrouble, usePlaces, useReason } from './use-places.ts'
import { WhereFields } from './where-fields.tsx'

interface Refusal {
  field: FieldName | null
  error: unknown
}

/** Everything a container can be asked to be: the basic things first, the rest folded. */
export function RunForm(props: {
  draft: Draft
  onDraft: Dispatch<SetStateAction<Draft>>
  hidden: boolean
  onShow: (launch: Launch | null) => void
}) {
  const t = useTranslations('run')
  const trpc = useTrpc()
  const errorText = useErrorText()
  const plain = useHiddenText()
  const { draft, onDraft } = props
  const [suffix] = useState(randomSuffix)
  const [tried, setTried] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [ignored, setIgnored] = useState<readonly string[]>([])
  const element = useRef<HTMLFormElement>(null)

  const places = usePlaces(draft.hostId, draft.engine)
  const { host, engine } = places
  const reason = useReason(engine)
  const where = { ...(host ? { hostId: host.id } : {}), ...(engine ? { engine: engine.id } : {}) }
  const images = useQuery(trpc.images.list.queryOptions({ ...where, limit: 500 }, { enabled: host !== undefined }))
  const reference = fullReference(draft.image)
  // On a host of very many the one that is named may not be among the first.
  const named = useQuery(
    trpc.images.list.queryOptions(
      { ...where, search: reference, limit: 20 },
      { enabled: host !== undefined && draft.image.trim() !== '' && typeof images.data?.nextCursor === 'string' },
    ),
  )
  const found =
    [...(images.data?.items ?? []), ...(named.data?.items ?? [])].find(
      (image) => image.references.includes(reference) || isId(draft.image, image.imageId),
    ) ?? null
  const detail = useQuery(
    trpc.images.inspect.queryOptions({ id: found?.id ?? '' }, { enabled: found !== null, staleTime: Infinity }),
  ).data?.detail

  const { spec, problems } = useMemo(() => toSpec(draft), [draft])
  const errors = useMemo(() => {
    const result: FieldErrors = {}
    for (const [field, problem] of Object.entries(problems)) {
      if (problem !== 'required' || tried) result[field as FieldName] = t(`problems.${problem}`)
    }
    if (refusal?.field) result[refusal.field] = <ErrorLine error={refusal.error} />
    return result
  }, [problems, tried, refusal, t])

  const set = (patch: Partial<Draft>) => {
    onDraft((before) => ({ ...before, ...patch }))
    if (refusal?.field && refusal.field in patch) setRefusal(null)
  }
  const takeRun = (line: string): boolean => {
    const parsed = parseDockerRun(line)
    if (parsed === null) return false
    onDraft((before) => ({ ...parsed.draft, hostId: before.hostId, engine: before.engine }))
    setIgnored(parsed.ignored)
    setRefusal(null)
    toast('ok', t('pasted'))
    return true
  }

  const name = spec.name ?? nameFor(draft.image, suffix)
  const launch = useLaunch({
    onShow: props.onShow,
    onFailed: (error) => setRefusal({ error, field: errorField(errorCode(error), errorText(error)) }),
  })
  const submit = () => {
    if (launch.busy) return
    setTried(true)
    setRefusal(null)
    if (Object.keys(problems).length > 0) return focusFirst(element.current)
    if (host) void launch.launch(host.id, engine?.id, { ...spec, name })
  }
  const failing = refusal?.field ?? null
  useEffect(() => {
    if (failing !== null && !props.hidden) focusFirst(element.current)
  }, [failing, props.hidden])

  const defaults: ImageDefaults | null = detail
    ? {
        entrypoint: plain(joinWords(detail.entrypoint)),
        user: detail.user === '' ? 'root' : detail.user,
        workingDir: detail.workingDir === '' ? '/' : detail.workingDir,
        stopSignal: detail.stopSignal ?? 'SIGTERM',
      }
    : null
  const away = host !== undefined && host.state !== 'connected'
  const trouble = engine ? engineTrouble(engine) : null
  return (
    <RunFormProvider value={{ draft, set, errors, reason }}>
      <form
        ref={element}
        hidden={props.hidden}
        aria-label={t('title')}
        className={cn('min-h-0 flex-1 flex-col', props.hidden ? 'hidden' : 'flex')}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          submit()
        }}
      >
        <div className="min-h-0 flex-1 overflow-y-auto">
          <div className="grid max-w-[84rem] gap-x-8 gap-y-6 p-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
            <div className="min-w-0 space-y-5">
              {places.query.isError ? (
                <ErrorNote
                  error={places.query.error}
                  title={t('hostsFailed')}
                  onRetry={() => void places.query.refetch()}
                />
              ) : null}
              {refusal !== null && refusal.field === null ? (
                <ErrorNote error={refusal.error} title={t('refused')} />
              ) : null}
              {ignored.length > 0 ? (
                <Note
                  tone="warn"
                  title={t('ignoredTitle')}
                  action={
                    <Button size="sm" onClick={() => setIgnored([])}>
                      {t('understood')}
                    </Button>
                  }
                >
                  <code className="font-mono text-xs">{ignored.join('  ')}</code>
                </Note>
              ) : null}
              <ImageField
                images={images.data?.items ?? []}
                found={found}
                loading={images.isPending}
                onPasteRun={takeRun}
              />
              <div className="grid grid-cols-2 gap-4 sm:max-lg:grid-cols-3 xl:grid-cols-3 max-sm:[&>:first-child]:col-span-2 lg:max-xl:[&>:first-child]:col-span-2">
                <FormField name="name" label={t('fields.name')} optional={t('optional')}>
                  {(control) => (
                    <Input
                      {...control}
                      value={draft.name}
                      placeholder={draft.image.trim() === '' ? '' : name}
                      spellCheck={false}
                      autoComplete="off"
                      className="font-mono text-xs"
                      onChange={(event) => set({ name: event.target.value })}
                    />
                  )}
                </FormField>
                {places.query.isPending ? (
                  <Skeleton className="mt-6 h-8 sm:col-span-2" />
                ) : (
                  <WhereFields hosts={places.hosts} host={host} engine={engine} />
                )}
              </div>
              <FormField name="command" label={t('fields.command')} optional={t('optional')} hint={t('hints.command')}>
                {(control) => (
                  <Input
                    {...control}
                    value={draft.command}
                    placeholder={detail ? plain(joinWords(detail.command)) : ''}
                    spellCheck={false}
                    autoComplete="off"
                    className="font-mono text-xs"
                    onChange={(event) => set({ command: event.target.value })}
                  />
                )}
              </FormField>
              <PortRows exposed={detail?.exposedPorts ?? []} />
              <PairRows field="env" />
              <Sections defaults={defaults} />
            </div>
            <div className="min-w-0 lg:sticky lg:top-4 lg:self-start">
              <PreviewPanel spec={draft.image.trim() === '' ? spec : { ...spec, name }} onPasteRun={takeRun} />
            </div>
          </div>
        </div>
        <footer className="flex shrink-0 items-center justify-between gap-4 border-t border-line bg-surface px-4 py-2.5">
          <p className="min-w-0 truncate text-xs text-muted" role="status">
            {away
              ? t('hostAway', { host: host.name })
              : draft.image.trim() === '' || host === undefined
                ? t('sayImage')
                : found || images.isPending || named.isLoading
                  ? t('willRun', { name, host: host.name })
                  : t('willPullAndRun', { name, host: host.name })}
          </p>
          <GuardedButton
            kind="primary"
            size="lg"
            type="submit"
            permission="containers.create"
            reason={away ? (host.reason ?? t('hostAway', { host: host.name })) : trouble}
            disabled={launch.busy}
          >
            <Play />
            {t('run')}
            <span className="font-mono text-xs opacity-75 max-sm:hidden" aria-hidden>
              Ctrl ↵
            </span>
          </GuardedButton>
        </footer>
      </form>
    </RunFormProvider>
  )
}

/** An id or a beginning of one that cannot be meant as a name. */
function isId(text: string, id: string): boolean {
  const hex = text.trim().replace(/^sha256:/, '')
  return hex.length >= 12 && /^[0-9a-f]+$/.test(hex) && id.startsWith(`sha256:${hex}`)
}

/** Puts the cursor where something is wrong, once the folded section that holds it has opened. */
function focusFirst(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => {
    const alert = form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-field]:has([role="alert"])')
    alert?.focus()
    alert?.scrollIntoView({ block: 'center' })
  })
}
