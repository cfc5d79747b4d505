import { lent } from '@flotilla/testkit'
import type { ContainerSpecInput } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place)
})
afterEach(() => removeAll(on))
afterAll(async () => {
  await on.close()
  await place.remove()
})

/** The kernel's numbers (asm/unistd.h). */
const calls: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: { mount: 165, clone: 56, unshare: 272, setns: 308, clone3: 435, fsopen: 430, keyctl: 250 },
  arm64: { mount: 40, clone: 220, unshare: 97, setns: 268, clone3: 435, fsopen: 430, keyctl: 219 },
}

/**
 * Tries each way to a user, a mount and a cgroup namespace, mounts its own cgroup in them and writes its limits, of cgroup v1 or
 * v2. Prints how each call ended, and the limits before and after.
 */
const escape = String.raw`
my %number = @ARGV;
my ($user, $mount, $cgroup) = (0x10000000, 0x20000, 0x2000000);
my $v2 = -e "/sys/fs/cgroup/cgroup.controllers";
my %files = $v2
  ? ("" => { "memory.swap.max" => "max", "memory.max" => "max", "cpu.max" => "max", "pids.max" => "max" })
  : map { chomp; my $name = (split /:/)[1]; my %own;
      %own = ("memory.memsw.limit_in_bytes" => "-1", "memory.limit_in_bytes" => "-1") if $name =~ /\bmemory\b/;
      $own{"cpu.cfs_quota_us"} = "-1" if $name =~ /\bcpu\b/;
      $own{"pids.max"} = "max" if $name =~ /\bpids\b/;
      %own ? ($name => \%own) : () } do { open my $list, "<", "/proc/self/cgroup"; <$list> };
sub call { my ($name, @args) = @_; $! = 0; syscall($number{$name}, @args) }
sub put { my ($path, $text) = @_; open my $file, ">", $path or return 0; syswrite($file, $text) && close $file }
sub told { my ($name, $result) = @_; print "$name ", ($result == -1 ? "$!" : "done"), "\n"; $result }
sub lift {
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", "0 0 1");
  put("/proc/self/gid_map", "0 0 1");
  for my $name (keys %files) {
    mkdir "/own$name";
    next if call("mount", "cgroup", "/own$name", $v2 ? "cgroup2" : "cgroup", 0, $name) == -1;
    put("/own$name/$_", $files{$name}{$_}) for reverse sort keys %{ $files{$name} };
  }
}
sub limits {
  my @found;
  for my $name (sort keys %files) {
    for (sort keys %{ $files{$name} }) {
      open my $file, "<", "/sys/fs/cgroup/$name/$_" or next;
      chomp(my $text = <$file>);
      push @found, "$_=$text";
    }
  }
  join " ", @found
}
sub apart { my $try = shift; if (my $child = fork) { waitpid $child, 0 } else { $try->(); exit } }
$| = 1;
print limits(), "\n";
apart(sub { lift() if told("unshare", call("unshare", $user | $mount | $cgroup)) == 0 });
for my $flags ($user, $mount, $cgroup, $user | $mount | $cgroup) {
  my $child = call("clone", $flags | 17, 0, 0, 0, 0);
  if ($child == 0) { lift() if $flags & $user; exit }
  told(sprintf("clone(%x)", $flags), $child);
  waitpid $child, 0 if $child > 0;
}
my $child = call("clone3", my $wanted = pack("Q8", $user | $mount | $cgroup, 0, 0, 0, 17, 0, 0, 0), 64);
if ($child == 0) { lift(); exit }
told("clone3", $child);
waitpid $child, 0 if $child > 0;
apart(sub { told("mount", call("mount", "none", "/proc/sys", "tmpfs", 0, "")) });
apart(sub { told("fsopen", call("fsopen", "tmpfs", 0)) });
apart(sub { open my $own, "<", "/proc/self/ns/net"; told("setns", call("setns", fileno $own, 0)) });
apart(sub { told("keyctl", call("keyctl", 0, -3, 1)) });
print limits(), "\n";
`

async function attempt(more: Partial<ContainerSpecInput>) {
  const numbers = Object.entries(calls[process.arch] ?? {}).flatMap(([name, number]) => [name, String(number)])
  const command = ['/usr/bin/perl', '-e', escape, ...numbers]
  const limits = { memoryBytes: 64 * 1024 * 1024, cpus: 0.5, pidsLimit: 50 }
  const spec = { image: testImage, network: 'none' as const, command, mounts: lent, ...limits, ...more }
  const { container } = await on.client.containers.create(spec)
  await on.client.containers.start({ id: container.id })
  await on.client.containers.wait({ id: container.id })
  const lines: string[] = []
  for await (const batch of on.client.containers.logs({ id: container.id })) {
    lines.push(...batch.lines.map(({ text }) => text))
  }
  return { before: lines.at(0), after: lines.at(-1), ends: lines.slice(1, -1) }
}

it('lets no root of a container lift its own limits through namespaces of its own', async () => {
  const { before, after, ends } = await attempt({})
  expect(before).toMatch(/50000.*67108864.*pids\.max=50/)
  expect(after).toBe(before)
  const refused = 'Operation not permitted'
  expect(ends).toEqual([
    `unshare ${refused}`,
    ...['10000000', '20000', '2000000', '12020000'].map((flags) => `clone(${flags}) ${refused}`),
    'clone3 Function not implemented',
    ...['mount', 'fsopen', 'setns', 'keyctl'].map((name) => `${name} ${refused}`),
  ])
})

it('leaves namespaces and mounts to whom SYS_ADMIN was given, or no filter', async () => {
  const given = await attempt({ capAdd: ['SYS_ADMIN'] })
  expect(given.ends.filter((line) => !line.endsWith(' done'))).toEqual([])
  const open = await attempt({ seccomp: 'unconfined' })
  expect(open.ends).toContain('unshare done')
  // What the other test tries is a way out where nothing stands in it.
  expect(open.after).not.toBe(open.before)
})
