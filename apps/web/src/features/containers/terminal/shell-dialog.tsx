'use client'

import { Button, Dialog, DialogActions, Field, Input, Select } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { shellCommand, shells, type Shell } from './shells.ts'

/** Which shell a new terminal starts; the choice is kept for the next ones. */
export function ShellDialog(props: {
  shell: Shell
  custom: string
  onClose: () => void
  onOpen: (shell: Shell, custom: string) => void
}) {
  const t = useTranslations('container.terminal')
  const common = useTranslations('common')
  const [shell, setShell] = useState<Shell>(props.shell)
  const [custom, setCustom] = useState(props.custom)
  const isEmpty = shellCommand(shell, custom).length === 0
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) props.onClose()
      }}
      title={t('choose')}
      description={t('chooseText')}
      closeLabel={common('close')}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!isEmpty) props.onOpen(shell, custom)
        }}
      >
        <Field label={t('which')}>
          {(control) => (
            <Select {...control} value={shell} onChange={(event) => setShell(event.target.value as Shell)}>
              {shells.map((each) => (
                <option key={each} value={each}>
                  {each === 'auto' ? t('auto') : each === 'custom' ? t('custom') : each}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {shell === 'custom' ? (
          <Field label={t('command')}>
            {(control) => (
              <Input
                {...control}
                className="font-mono"
                value={custom}
                placeholder="python3 -i"
                onChange={(event) => setCustom(event.target.value)}
              />
            )}
          </Field>
        ) : null}
        <DialogActions>
          <Button onClick={props.onClose}>{common('cancel')}</Button>
          <Button kind="primary" type="submit" disabled={isEmpty}>
            {t('open')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
