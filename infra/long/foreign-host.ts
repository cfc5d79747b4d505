import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cp, writeFile } from 'node:fs/promises'
import { type LabHost, createLabHost } from '@flotilla/testkit/lab'
import { platformBuild } from '@flotilla/testkit/lab/platform-build'
import { until } from '@flotilla/testkit/lab/tab'

/** A host on which others run Docker, Podman, rules of the firewall and a Flotilla of theirs. */
export interface ForeignHost {
  readonly lab: LabHost
  /** What is theirs, a line each: containers, images, networks, volumes, rules and processes with their start. */
  state(): Promise<string[]>
  remove(): Promise<void>
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Theirs: a filter that counts and drops, a set, a translation. */
const rules = `
table inet foreign {
  set banned { type ipv4_addr; elements = { 203.0.113.7, 203.0.113.8 } }
  chain input { type filter hook input priority 10; policy accept; ip saddr @banned drop; }
  chain forward { type filter hook forward priority 10; policy accept; ip saddr @banned drop; }
}
table ip foreign_nat {
  chain prerouting { type nat hook prerouting priority -90; tcp dport 50999 redirect to :50998; }
}
`

/** Control groups stay where they are; links under /sys are the host's own. */
const ownSys = `
mkdir -p /run/kept && mount --rbind /sys/fs/cgroup /run/kept && mount -t sysfs sysfs /sys &&
mount --rbind /run/kept /sys/fs/cgroup && umount --recursive --lazy /run/kept`

export async function openForeignHost(): Promise<ForeignHost> {
  const lab = await createLabHost({ name: 'foreign', docker: true })
  try {
    const inside = async (argv: readonly string[], stdin?: string) => {
      const options = { timeoutMs: 120_000, env: { PATH: path }, ...(stdin === undefined ? {} : { stdin }) }
      const { exitCode, stdout, stderr } = await lab.exec(argv, options)
      if (exitCode !== 0) throw new Error(`${argv.join(' ')} failed on the host: ${stderr}`)
      return stdout.toString().trim()
    }
    await inside(['sh', '-c', ownSys])
    await inside(['mkdir', '-p', '/var/lib/dpkg/info', '/var/lib/dpkg/updates'])
    // What is installed there is what is installed here, and the host has a /var/lib of its own.
    await cp('/var/lib/dpkg/status', join(lab.folder, 'var-lib/dpkg/status'))
    await inside(['nft', '-f', '-'], rules)
    await startDocker(inside)
    await startPodman(lab, inside)
    await startOther(lab, inside)
    return { lab, state: () => stateOf(inside), remove: () => removeAll(lab, inside) }
  } catch (error) {
    await lab.remove()
    throw error
  }
}

type Inside = (argv: readonly string[], stdin?: string) => Promise<string>

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/podman'
const other = {
  FLOTILLA_PORT: '4600',
  FLOTILLA_DATA_DIR: '/var/lib/flotilla',
  FLOTILLA_RUN_DIR: '/run/flotilla/theirs',
}

/** At the place where a Docker daemon is looked for. */
async function startDocker(inside: Inside): Promise<void> {
  const { starter } = await platformBuild()
  await inside(['skopeo', 'copy', '--insecure-policy', `oci:${starter}`, 'docker-daemon:theirs/web:1'])
  await inside(['docker', 'tag', 'theirs/web:1', 'theirs/web:older'])
  await inside(['docker', 'network', 'create', 'their-net'])
  await inside(['docker', 'volume', 'create', 'their-data'])
  const run = ['docker', 'run', '--detach', '--name']
  await inside([...run, 'their-web', '--network', 'their-net', '--publish', '8080:80', 'theirs/web:1'])
  await inside([...run, 'their-job', '--volume', 'their-data:/data', 'theirs/web:1', 'sleep', '100000'])
  await inside(['docker', 'create', '--name', 'their-spare', 'theirs/web:1'])
}

async function startPodman(lab: LabHost, inside: Inside): Promise<void> {
  const { starter } = await platformBuild()
  await writeFile(
    join(lab.folder, 'containers.conf'),
    '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n[containers]\ndefault_ulimits = ["nofile=1024:20000", "nproc=90000:90000"]\n',
  )
  await inside(['mkdir', '-p', '/run/containers', '/var/lib/containers'])
  await inside(['skopeo', 'copy', '--insecure-policy', `oci:${starter}`, 'containers-storage:localhost/theirs:1'])
  const run = ['env', `CONTAINERS_CONF=${join(lab.folder, 'containers.conf')}`, 'podman', 'run', '--detach']
  const rest = ['--name', 'their-pod', '--network', 'none', 'localhost/theirs:1', 'sleep', '100000']
  await inside([...run, `--cgroup-parent=/${lab.folder.slice(lab.folder.lastIndexOf('/') + 1)}`, ...rest])
}

/** Another instance with a container, at the port and in the folder that are everybody's first choice. */
async function startOther(lab: LabHost, inside: Inside): Promise<void> {
  const program = lab.start('other', ['npm', '--prefix', root, 'run', 'up'], {
    ...{ PATH: path, HOME: '/root', FLOTILLA_LISTEN: '127.0.0.1' },
    ...other,
  })
  await until(
    'the other instance',
    async () => {
      if (!program.running) throw new Error(`npm run up ended: ${await program.said()}`)
      return (await program.said()).includes('Ctrl-C stops it')
    },
    400_000,
  )
  const admin = async (argv: readonly string[], stdin?: string) => {
    const env = Object.entries(other).map(([name, value]) => `${name}=${value}`)
    return inside(['env', ...env, 'npm', '--silent', '--prefix', root, 'run', 'admin', '--', ...argv], stdin)
  }
  const owner = ['user', 'create', '--email', 'eve@example.org', '--name', 'Eve', '--role', 'owner']
  await admin(owner, 'a password of her own\n')
  const key = (await admin(['key', 'create', '--email', 'eve@example.org', '--name', 'x'])).split('\n').at(-1) ?? ''
  const made = await inside(['node', '--input-type=module', '--eval', makeContainer(key)])
  if (!made.includes('"state":"running"')) throw new Error(`The other instance made no container: ${made}`)
}

const makeContainer = (key: string) => `
const ask = async (method, path, body) => {
  const headers = { authorization: 'Bearer ${key}', 'content-type': 'application/json' }
  const response = await fetch('http://127.0.0.1:4600/api/v1' + path, { method, headers, body })
  return response.json()
}
let host
while (host?.state !== 'connected') host = (await ask('GET', '/hosts')).find(({ transport }) => transport === 'socket')
const spec = { name: 'their-own', image: 'flotilla.local/starter:latest', start: true, ports: [{ containerPort: 80, hostPort: 8081, protocol: 'tcp' }] }
console.log(JSON.stringify(await ask('POST', '/hosts/' + host.id + '/containers', JSON.stringify(spec))))
`

const ofDocker = '{{.Id}} {{.Name}} {{.Image}} {{.State.Status}} {{.State.Pid}} {{.State.StartedAt}}'

async function stateOf(inside: Inside): Promise<string[]> {
  const lines = async (what: string, argv: readonly string[]) =>
    (await inside(argv)).split('\n').map((line) => `${what} ${line}`)
  const ids = (await inside(['docker', 'ps', '--all', '--quiet'])).split('\n')
  const all = [
    await lines('docker container', ['docker', 'inspect', '--format', ofDocker, ...ids]),
    await lines('docker image', ['docker', 'images', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}']),
    await lines('docker network', ['docker', 'network', 'ls', '--no-trunc', '--format', '{{.ID}} {{.Name}}']),
    await lines('docker volume', ['docker', 'volume', 'ls', '--format', '{{.Name}}']),
    await lines('podman container', ['podman', 'ps', '--all', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.Pid}}']),
    await lines('podman image', ['podman', 'images', '--no-trunc', '--format', '{{.ID}} {{.Repository}}']),
    await lines('nftables', ['nft', '--stateless', 'list', 'table', 'inet', 'foreign']),
    await lines('nftables', ['nft', '--stateless', 'list', 'table', 'ip', 'foreign_nat']),
    await lines('iptables', ['sh', '-c', 'iptables-save | grep -E "^-A|^:" | sed "s/ .[0-9]*:[0-9]*.$//"']),
    await lines('link', ['sh', '-c', 'ip -o link | cut -d: -f2']),
    await lines('process', ['ps', '-eo', 'pid=,lstart=,args=']),
  ]
  return all.flat().filter((line) => !transient.test(line))
}

/** What comes and goes by itself: the look itself, the first process's clock, and an instance's networks for later containers. */
const transient =
  /^process .* (ps -eo|sleep 1000|nsenter )|^(link|iptables) .*(spare|veth)|^process .*(containerd-shim|postgres:)/

async function removeAll(lab: LabHost, inside: Inside): Promise<void> {
  await inside(['docker', 'rm', '--force', 'their-web', 'their-job', 'their-spare'])
  await inside(['podman', 'rm', '--force', '--time', '0', 'their-pod'])
  await lab.remove()
}
