import { portKeeperPassing } from './port-keeper-passing.ts'

/**
 * Holds an instance's published ports, so that no other program gets them, for as long as anybody's container has one: it outlives
 * the agent, and takes new ports and gives them back while containers run. What the kernel translates never comes here. What does
 * come, because it was sent to ::1, or to an address of IPv6 of a container that has none, or while the rules were flushed, is
 * passed on. Commands are lines on a stream socket, each with one line for an answer:
 *
 *     hold KEY tcp|udp ADDRESS PORT TARGET TARGET-PORT    ok PORT | no ERRNO      again: the target is changed
 *     drop tcp|udp ADDRESS PORT                           ok
 *     forget KEY                                          ok
 *     end                                                 it ends, unless it holds something
 *     list                                                ok KEY,PROTOCOL,ADDRESS,PORT ...
 *
 * TARGET is `-` where nothing is passed on. With nothing to hold and nobody connected it ends.
 * perl-base is on every Debian and Ubuntu machine.
 */
export const portKeeperScript = String.raw`
use strict;
use warnings;
use Errno qw(EAGAIN EINTR EINPROGRESS);
use Fcntl;
use Socket qw(:DEFAULT inet_pton IPPROTO_TCP IPPROTO_IPV6 IPV6_V6ONLY TCP_NODELAY
  TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT SO_LINGER pack_sockaddr_in6 unpack_sockaddr_in6 sockaddr_family);

my ($path) = @ARGV;
my $most_pairs = 2000;
my $most_peers = 1000;
my $chunk = 65536;
my $most_text = 1048576;
my $idle_seconds = 60;
my $look_seconds = 5;
my $looked_at = 0;

my %held;    # 'PROTOCOL ADDRESS PORT' => { key, name, proto, socket, target, tport, passing }
my $held_bits = ''; # their descriptors, as select takes them: there may be thousands, and something comes on few at once
my %clients; # descriptor => { socket, text }
my %pairs;   # descriptor of either end => { held, a, b }; an end is { socket, out, opening, ended }
my %peers;   # sender's address and the place's name => { held, socket, from, at }

# ---- addresses and sockets

sub nonblocking {
  my ($socket) = @_;
  fcntl($socket, F_SETFL, fcntl($socket, F_GETFL, 0) | O_NONBLOCK);
}

sub blocking {
  my ($socket) = @_;
  fcntl($socket, F_SETFL, fcntl($socket, F_GETFL, 0) & ~O_NONBLOCK);
}

sub family {
  my ($address) = @_;
  return $address =~ /:/ ? AF_INET6 : AF_INET;
}

# The address as the system calls take it; undef for what is none.
sub place {
  my ($address, $port) = @_;
  my $raw = inet_pton(family($address), $address);
  return undef unless defined $raw;
  return family($address) == AF_INET6 ? pack_sockaddr_in6($port, $raw) : pack_sockaddr_in($port, $raw);
}

sub port_of {
  my ($socket) = @_;
  my $name = getsockname($socket);
  my ($port) = sockaddr_family($name) == AF_INET6 ? unpack_sockaddr_in6($name) : unpack_sockaddr_in($name);
  return $port;
}

sub failed {
  return 'no ' . ($! + 0);
}

sub try_later {
  return $!{EAGAIN} || $!{EINTR};
}

# ---- commands

sub hold {
  my ($key, $proto, $address, $port, $target, $tport) = @_;
  my $have = $port ? $held{"$proto $address $port"} : undef;
  if ($have) {
    return 'no 98' if $have->{key} ne $key;
    $have->{target} = $target;
    $have->{tport} = $tport;
    return "ok $port";
  }
  my $where = place($address, $port);
  return 'no 22' unless defined $where;
  my $type = $proto eq 'udp' ? SOCK_DGRAM : SOCK_STREAM;
  socket(my $socket, family($address), $type, 0) or return failed();
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) if $proto eq 'tcp';
  setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) if family($address) == AF_INET6;
  bind($socket, $where) or return failed();
  if ($proto eq 'tcp') {
    listen($socket, 1024) or return failed();
  }
  nonblocking($socket);
  $port = port_of($socket);
  my $name = "$proto $address $port";
  $held{$name} = {
    key => $key,
    name => $name,
    proto => $proto,
    socket => $socket,
    target => $target,
    tport => $tport,
    passing => 0,
  };
  vec($held_bits, fileno($socket), 1) = 1;
  return "ok $port";
}

sub drop {
  my ($name) = @_;
  my $gone = delete $held{$name} or return;
  my @passed_on = grep { $_->{held} == $gone } values %pairs;
  end_pair($_, 1) for @passed_on;
  for my $peer (keys %peers) {
    forget_peer($peer) if $peers{$peer}{held} == $gone;
  }
  vec($held_bits, fileno($gone->{socket}), 1) = 0;
  close($gone->{socket});
}

sub forget {
  my ($key) = @_;
  my @names = map { $_->{name} } grep { $_->{key} eq $key } values %held;
  drop($_) for @names;
}

sub list {
  my @entries;
  for my $held (values %held) {
    my $name = $held->{name};
    $name =~ tr/ /,/;
    push @entries, "$held->{key},$name";
  }
  return join ' ', 'ok', @entries;
}

sub obey {
  my ($line) = @_;
  my ($verb, @words) = split / /, $line;
  $verb = '' unless defined $verb;
  return hold(@words) if $verb eq 'hold' && @words == 6;
  return list() if $verb eq 'list';
  if ($verb eq 'drop' && @words == 3) {
    drop("@words");
    return 'ok';
  }
  if ($verb eq 'forget' && @words == 1) {
    forget(@words);
    return 'ok';
  }
  finish() if $verb eq 'end' && !%held;
  return 'no 22';
}

sub finish {
  unlink $path;
  exit 0;
}

sub greet_client {
  my ($control) = @_;
  accept(my $client, $control) or return;
  nonblocking($client);
  $clients{fileno($client)} = { socket => $client, text => '' };
}

sub hear_client {
  my ($fd) = @_;
  my $client = $clients{$fd};
  my $got = sysread($client->{socket}, $client->{text}, $chunk, length $client->{text});
  return if !defined $got && try_later();
  if (!$got || length $client->{text} > $most_text) {
    delete $clients{$fd};
    return;
  }
  while ($client->{text} =~ s/^([^\n]*)\n//) {
    my $answer = obey($1) . "\n";
    blocking($client->{socket});
    syswrite($client->{socket}, $answer);
    nonblocking($client->{socket});
  }
}
${portKeeperPassing}
# ---- the one loop

sub watched {
  my ($control) = @_;
  my ($read, $write) = ($held_bits, '');
  my @listened = map { $_->{socket} } values %clients, values %peers;
  vec($read, fileno($_), 1) = 1 for $control, @listened;
  for my $pair (values %pairs) {
    for my $way ([$pair->{a}, $pair->{b}], [$pair->{b}, $pair->{a}]) {
      my ($end, $other) = @$way;
      vec($write, fileno($end->{socket}), 1) = 1 if length $end->{out} || $end->{opening};
      vec($read, fileno($end->{socket}), 1) = 1 if can_move($end, $other);
    }
  }
  return ($read, $write);
}

sub serve_pair {
  my ($fd, $read, $write) = @_;
  my $pair = $pairs{$fd} or return;
  my ($end, $other) = ($pair->{a}, $pair->{b});
  ($end, $other) = ($other, $end) if fileno($end->{socket}) != $fd;
  flush($pair, $end) if vec($write, $fd, 1);
  move($pair, $end, $other) if $end->{socket} && vec($read, $fd, 1);
}

sub serve_all {
  my ($control, $read, $write) = @_;
  greet_client($control) if vec($read, fileno($control), 1);
  for my $fd (keys %clients) {
    hear_client($fd) if vec($read, $fd, 1);
  }
  my @called = ($read & $held_bits) =~ /[^\0]/ ? values %held : ();
  for my $held (@called) {
    next unless vec($read, fileno($held->{socket}), 1);
    $held->{proto} eq 'tcp' ? welcome($held) : pass_datagrams($held);
  }
  for my $peer (values %peers) {
    answer_datagram($peer) if vec($read, fileno($peer->{socket}), 1);
  }
  for my $fd (keys %pairs) {
    serve_pair($fd, $read, $write);
  }
}

sub listen_for_commands {
  umask 0077;
  unlink $path;
  socket(my $control, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
  bind($control, pack_sockaddr_un($path)) or die "bind: $!\n";
  listen($control, 8) or die "listen: $!\n";
  nonblocking($control);
  return $control;
}

if (open(my $comm, '>', '/proc/self/comm')) {
  print $comm 'flotilla-ports';
  close($comm);
}
$SIG{PIPE} = 'IGNORE';
$SIG{HUP} = 'IGNORE';
my $control = listen_for_commands();
syswrite(STDOUT, "ready\n");
close(STDOUT);
my $quiet_since = time;
for (;;) {
  my ($read, $write) = watched($control);
  my $seconds = !%held && !%clients ? 0.5 : %peers || %pairs ? $look_seconds : undef;
  my $found = select($read, $write, undef, $seconds);
  if (%held || %clients) {
    $quiet_since = time;
  } elsif (time - $quiet_since > 1) {
    finish();
  }
  serve_all($control, $read, $write) if $found > 0;
  # After that: a descriptor that is closed here is another's in the next round, with nothing said of it yet.
  forget_idle_peers();
  end_lost_pairs();
}
`
