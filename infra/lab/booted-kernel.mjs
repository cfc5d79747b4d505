import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kernelPackage } from './kernel-package.mjs'

// Debian's kernel with cgroup v2 alone, booted in a virtual machine that sees this machine's files and leaves them as they are.

/**
 * The one factor that stretches time in there: the guest's clock counts instructions, 2 to the power of this in nanoseconds each.
 * However slow the emulation is, the guest's deadlines, and those of the tests in it, are met as by a processor of that speed.
 */
const clockShift = 0

/**
 * Runs bash lines as root in the booted kernel, with this machine's programs and with a /run, /tmp and /var/lib of its own, and
 * ends it. Ends with its parent, also where that one is killed.
 * @param {object} options
 * @param {string} options.root the project's folder, in which the lines run
 * @param {string} options.folder for what the machine is made of
 * @param {readonly string[]} options.lines
 * @returns {Promise<{ said: string, release: string }>} all that came on its console, which is shown as well, and the kernel's release
 */
export async function bootKernel({ root, folder, lines }) {
  const busybox = join(root, 'node_modules/.cache/flotilla/busybox')
  const { image, modules, release } = kernelPackage(root)
  const socket = join(folder, 'files.sock')
  const script = join(folder, 'guest.sh')
  mkdirSync(folder, { recursive: true })
  run([busybox, 'depmod', '-b', dirname(dirname(modules)), release], folder)
  writeFileSync(script, guest(root, lines))
  const initramfs = makeInitramfs({ folder, busybox, moduleFolder: join(modules, release), release })
  const files = start(
    ['/usr/lib/qemu/virtiofsd', `--socket-path=${socket}`, '-o', 'source=/,cache=always,sandbox=chroot'],
    'ignore',
  )
  try {
    while (!existsSync(socket)) {
      if (files.exitCode !== null) throw new Error('virtiofsd did not start')
      await sleep(50)
    }
    const line = `console=ttyS0 quiet panic=-1 cgroup_no_v1=all script=${script} modules=${modules}`
    return { said: await boot({ image, initramfs, line, socket }), release }
  } finally {
    files.kill()
  }
}

/** @param {readonly string[]} argv @param {'ignore' | 'pipe'} stdout */
function start(argv, stdout) {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], { stdio: ['ignore', stdout, 'inherit'] })
}

/** @param {readonly string[]} argv @param {string} cwd */
function run([program = '', ...argv], cwd) {
  const { status, stdout, stderr } = spawnSync(program, argv, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} failed: ${stderr}`)
  return stdout
}

/**
 * What reaches the files of this machine: busybox and the modules that need to be there before them.
 * @param {{ folder: string, busybox: string, moduleFolder: string, release: string }} where
 */
function makeInitramfs({ folder, busybox, moduleFolder, release }) {
  const tree = join(folder, 'initramfs')
  for (const name of ['bin', 'proc', 'sys', 'dev', 'lower', 'rw', 'new'])
    mkdirSync(join(tree, name), { recursive: true })
  cpSync(busybox, join(tree, 'bin/busybox'))
  symlinkSync('busybox', join(tree, 'bin/sh'))
  const list = readFileSync(join(moduleFolder, 'modules.dep'), 'utf8')
  const needed = [...list.matchAll(/^\S*\/(?:virtio_pci|virtiofs|overlay)\.ko:.*$/gm)].flatMap(([line]) =>
    line.replace(':', '').split(' '),
  )
  for (const path of ['modules.dep', 'modules.builtin', ...needed].filter((name) => name !== '')) {
    const to = join(tree, 'lib/modules', release, path)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(join(moduleFolder, path), to)
  }
  writeFileSync(join(tree, 'init'), init, { mode: 0o755 })
  const archive = join(folder, 'initramfs.gz')
  run(['sh', '-c', `find . | ${busybox} cpio -o -H newc | gzip -1 > ${archive}`], tree)
  return archive
}

/** @param {{ image: string, initramfs: string, line: string, socket: string }} machine @returns {Promise<string>} */
async function boot({ image, initramfs, line, socket }) {
  const memory = 'memory-backend-memfd,id=memory,size=6G,share=on'
  const machine = start(
    [
      ...['qemu-system-x86_64', '-accel', 'tcg', '-cpu', 'max', '-icount', `shift=${clockShift},sleep=on`],
      ...['-m', '6G', '-nodefaults', '-no-user-config', '-nographic', '-no-reboot', '-serial', 'stdio'],
      ...['-object', memory, '-numa', 'node,memdev=memory'],
      ...['-chardev', `socket,id=files,path=${socket}`, '-device', 'vhost-user-fs-pci,chardev=files,tag=root'],
      ...['-kernel', image, '-initrd', initramfs, '-append', line],
    ],
    'pipe',
  )
  let said = ''
  machine.stdout?.on('data', (/** @type {Buffer} */ chunk) => {
    process.stdout.write(chunk)
    said += chunk.toString()
  })
  await new Promise((resolve) => machine.once('close', resolve))
  return said
}

/**
 * The first process in the guest, as a bash script over this machine's files.
 * @param {string} root @param {readonly string[]} lines
 */
const guest = (root, lines) => `
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root NO_COLOR=1 FORCE_COLOR=0
stty -F /dev/ttyS0 -onlcr cols 200
mount -t tmpfs -o mode=755 run /run
for folder in /tmp /var/tmp /var/lib; do mount -t tmpfs -o mode=1777 own $folder; done
mkdir -p /run/lock /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
cd ${root}
${lines.join('\n')}
echo o > /proc/sysrq-trigger
sleep 60
`

/** Lays this machine's files, which stay as they are, under a file system in memory, and goes on in it. */
const init = `#!/bin/sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in virtio_pci virtiofs overlay; do $b modprobe $module; done
$b mount -t virtiofs root /lower
$b mount -t tmpfs -o size=60% rw /rw
$b mkdir /rw/upper /rw/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work root /new
modules=$($b sed 's/.*modules=\\([^ ]*\\).*/\\1/' /proc/cmdline)
script=$($b sed 's/.*script=\\([^ ]*\\).*/\\1/' /proc/cmdline)
for folder in proc sys dev; do $b mount --move /$folder /new/$folder; done
$b mkdir -p /new/lib/modules
$b cp $b /new/usr/sbin/modprobe
$b mount --bind /new$modules /new/lib/modules
exec $b switch_root /new /bin/bash $script
`
