'use client'

import { Input, Skeleton } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useRunForm } from './form-context.ts'
import { FormField } from './form-field.tsx'
import type { usePlaces } from './use-places.ts'
import { WhereFields } from './where-fields.tsx'

/** What it is called, and where it runs. `name` is what it is called where nothing is typed. */
export function NameAndPlace({ name, places }: { name: string; places: ReturnType<typeof usePlaces> }) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  return (
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
        <WhereFields hosts={places.hosts} host={places.host} engine={places.engine} />
      )}
    </div>
  )
}

/** What it runs; `own` is what the image would. */
export function CommandField({ own }: { own: string }) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  return (
    <FormField name="command" label={t('fields.command')} optional={t('optional')} hint={t('hints.command')}>
      {(control) => (
        <Input
          {...control}
          value={draft.command}
          placeholder={own}
          spellCheck={false}
          autoComplete="off"
          className="font-mono text-xs"
          onChange={(event) => set({ command: event.target.value })}
        />
      )}
    </FormField>
  )
}
