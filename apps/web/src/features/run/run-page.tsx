'use client'

import { useState } from 'react'
import images from '../../../messages/en/images.json'
import run from '../../../messages/en/run.json'
import { withTexts } from '../../i18n/with-texts.tsx'
import { useUrlState } from '../../navigation/url-state.ts'
import { emptyDraft, type Draft } from './draft.ts'
import { LaunchView } from './launch-view.tsx'
import { RunForm } from './run-form.tsx'
import type { Launch } from './use-launch.ts'

/** A new container: the form, and then its steps until its page opens. What was typed stays while one is on the page. */
export const RunPage = withTexts({ run, images }, function RunPage() {
  const url = useUrlState()
  const [draft, setDraft] = useState<Draft>(() => ({
    ...emptyDraft,
    hostId: url.get('host'),
    engine: url.get('engine'),
    image: url.get('image'),
  }))
  const [asked, setAsked] = useState('')
  const [operationId, hostId, name] = [url.get('operation'), url.get('host'), url.get('name')]
  const show = (launch: Launch | null) => {
    setAsked(launch?.operationId ?? '')
    url.set(
      launch === null
        ? { operation: null, name: null }
        : { operation: launch.operationId, host: launch.hostId, name: launch.name },
    )
  }
  const launched = operationId !== '' && hostId !== ''
  return (
    <>
      {launched ? (
        <LaunchView
          operationId={operationId}
          hostId={hostId}
          name={name}
          isAsker={asked === operationId}
          onBack={() => show(null)}
        />
      ) : null}
      <RunForm draft={draft} onDraft={setDraft} hidden={launched} onShow={show} />
    </>
  )
})
