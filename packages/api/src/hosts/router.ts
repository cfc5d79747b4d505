import {
  CordonReason,
  EngineInfo,
  FleetHost,
  FleetHostPorts,
  HostGroups,
  HostLabels,
  rule,
  secret,
  text,
} from '@flotilla/protocol'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'
import { attributesSubject, cordonHost, cordonSubject, uncordonHost, updateHost } from './attributes.ts'
import { allowEngine, engineSubject } from './engines.ts'
import { hostPorts } from './ports.ts'
import { addSshHost, createJoinToken, inspectHost, inspectJoinToken, listHosts, removeHost } from './service.ts'

const SshHostInput = z.object({
  address: text(255).min(1).describe('Name or IP address of the SSH server'),
  port: z.number().int().min(1).max(65535).default(22),
  username: text(64).min(1).default('root'),
  /** As `ssh-keygen -lf` prints it; another key is refused. */
  hostKey: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, rule('input.badHostKey')),
  privateKey: secret(
    z.string().min(1).max(20_000).describe('In OpenSSH or PEM form; kept in a file of the control plane'),
  ),
  runDir: z
    .string()
    .regex(/^\/[^\0\p{Surrogate}]{1,90}$/u, rule('input.noAbsolutePath'))
    .default('/run/flotilla/670a4b')
    .describe("The agent's run folder there; the default belongs to the data folder /var/lib/flotilla"),
})

const one = z.object({ id: text(128).min(1) })

const HostFilter = z.object({
  group: z.string().min(1).max(63).optional().describe('Those in this group'),
  label: z.string().min(1).max(2000).optional().describe('KEY or KEY=VALUE; of several with commas between, all'),
})

export const hostsRouter = router({
  list: procedure('hosts.read', { method: 'GET', path: '/hosts', summary: 'List hosts' })
    .input(HostFilter)
    .output(z.array(FleetHost))
    .query(({ ctx, input }) => listHosts(ctx, input)),
  inspect: procedure('hosts.read', { method: 'GET', path: '/hosts/{id}', summary: 'One host with its engines' })
    .input(one)
    .output(FleetHost)
    .query(({ ctx, input }) => inspectHost(ctx, input.id)),
  ports: procedure('hosts.ports', {
    method: 'GET',
    path: '/hosts/{id}/ports',
    summary: 'The open ports of a host, who holds them, and whether others reach them',
  })
    .input(one)
    .output(FleetHostPorts)
    .query(({ ctx, input }) => hostPorts(ctx, input.id)),
  update: procedure(
    'hosts.manage',
    { method: 'PATCH', path: '/hosts/{id}', summary: 'Set the labels and the groups of a host, each as a whole' },
    attributesSubject,
  )
    .input(one.extend({ labels: HostLabels.optional(), groups: HostGroups.optional() }))
    .output(FleetHost)
    .mutation(({ ctx, input }) => updateHost(ctx, input)),
  cordon: procedure(
    'hosts.manage',
    { method: 'POST', path: '/hosts/{id}/cordon', summary: 'Let a host take no new containers; what runs goes on' },
    cordonSubject,
  )
    .input(one.extend({ reason: CordonReason.optional() }))
    .output(FleetHost)
    .mutation(({ ctx, input }) => cordonHost(ctx, input)),
  uncordon: procedure('hosts.manage', {
    method: 'POST',
    path: '/hosts/{id}/uncordon',
    summary: 'Let a host take new containers again',
  })
    .input(one)
    .output(FleetHost)
    .mutation(({ ctx, input }) => uncordonHost(ctx, input.id)),
  allowEngine: procedure(
    'hosts.manage',
    {
      method: 'POST',
      path: '/hosts/{id}/engines/{engine}/allow',
      summary: "Let a host's agent speak for an engine that spans machines, beside others that do already",
    },
    engineSubject,
  )
    .input(one.extend({ engine: EngineInfo.shape.id }))
    .output(FleetHost)
    .mutation(({ ctx, input }) => allowEngine(ctx, input)),
  remove: procedure('hosts.manage', { method: 'DELETE', path: '/hosts/{id}', summary: 'Forget a host' })
    .input(one)
    .output(z.object({ id: z.string() }))
    .mutation(({ ctx, input }) => removeHost(ctx, input.id)),
  addSsh: procedure('hosts.manage', {
    method: 'POST',
    path: '/hosts/ssh',
    summary: "Reach a host's agent over SSH, with its SSH server's key pinned",
  })
    .input(SshHostInput)
    .output(FleetHost)
    .mutation(({ ctx, input }) => addSshHost(ctx, input)),
  createJoinToken: procedure('hosts.manage', {
    method: 'POST',
    path: '/hosts/join-tokens',
    summary: 'Make a token with which one agent may join once',
  })
    .input(z.object({ ttlMinutes: z.number().int().min(1).max(1440).default(60) }))
    .output(z.object({ id: z.string(), token: z.string(), expiresAt: z.iso.datetime(), command: z.string() }))
    .mutation(({ ctx, input }) => createJoinToken(ctx, input.ttlMinutes)),
  joinToken: procedure('hosts.manage', {
    method: 'GET',
    path: '/hosts/join-tokens/{id}',
    summary: 'What became of a join token, and which host came with it',
  })
    .input(one)
    .output(
      z.object({
        id: z.string(),
        state: z.enum(['waiting', 'used', 'expired']),
        expiresAt: z.iso.datetime(),
        hostId: z.string().nullable(),
      }),
    )
    .query(({ ctx, input }) => inspectJoinToken(ctx, input.id)),
})
