'use client'

import { Empty } from '@flotilla/ui'
import { FolderOpen } from 'lucide-react'
import { Suspense, useState } from 'react'
import { lazily } from '../../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import volumeFiles from '../../../../messages/en/volume-files.json'
import { usePermissionReason } from '../../../data/guarded-button.tsx'
import { withTexts } from '../../../i18n/with-texts.tsx'
import { useUrlState } from '../../../navigation/url-state.ts'
import { useCapability } from '../../../nouns/hosts/use-capability.ts'
import { Folder, type FolderProps } from './folder.tsx'

const TextEditor = lazily(() => import('./text-editor.tsx').then((module) => module.TextEditor))

/** The files of a volume: `path` in the address is the folder that is shown, `file` the one that is edited. */
export const FilesTab = withTexts(
  { volumeFiles },
  function FilesTab({ volume, onFiles }: Pick<FolderProps, 'volume' | 'onFiles'>) {
    const t = useTranslations('volumeFiles')
    const { get, go } = useUrlState()
    const permission = usePermissionReason()
    const capability = useCapability()
    const why = permission('volumes.files.read') ?? capability(volume, 'volumeFiles.list')
    const [path, file] = [get('path'), get('file')]
    const from = useFrom(file === '' ? path : file)
    if (why !== null)
      return (
        <Empty icon={<FolderOpen />} title={t('unavailable')}>
          {why}
        </Empty>
      )
    if (file !== '')
      return (
        <Suspense>
          <TextEditor key={file} volume={volume} path={file} onClose={() => go({ file: null })} />
        </Suspense>
      )
    return <Folder key={path} volume={volume} path={path} from={from} onFiles={onFiles} />
  },
)

/** Where one was in the volume before `here`; null where one has just come to the files. */
function useFrom(here: string): string | null {
  const [way, setWay] = useState<{ from: string | null; here: string }>({ from: null, here })
  if (way.here === here) return way.from
  setWay({ from: way.here, here })
  return way.here
}
