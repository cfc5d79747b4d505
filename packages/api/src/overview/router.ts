import { Overview } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'
import { overview } from './service.ts'

export const overviewRouter = router({
  get: procedure('containers.read', { method: 'GET', path: '/overview', summary: 'What is wrong, changed and in use' })
    .input(z.object({}))
    .output(Overview)
    .query(({ ctx }) => overview(ctx)),
})
