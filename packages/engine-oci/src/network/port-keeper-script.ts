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
use strict; use Socket qw(:DEFAULT inet_pton IPPROTO_TCP IPPROTO_IPV6 IPV6_V6ONLY TCP_NODELAY SO_LINGER pack_sockaddr_in6 unpack_sockaddr_in6 sockaddr_family);
use Fcntl; use Errno qw(EAGAIN EINTR EINPROGRESS);
my ($path) = @ARGV;
my ($most_pairs, $most_peers, $chunk, $idle) = (2000, 1000, 65536, 60);
if (open(my $comm, '>', '/proc/self/comm')) { print $comm 'flotilla-ports'; close($comm) }
$SIG{$_} = 'IGNORE' for qw(PIPE HUP);
umask 0077;
sub nonblocking { fcntl($_[0], F_SETFL, fcntl($_[0], F_GETFL, 0) | O_NONBLOCK) }
unlink $path;
socket(my $control, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
bind($control, pack_sockaddr_un($path)) or die "bind: $!\n";
listen($control, 8) or die "listen: $!\n";
nonblocking($control);
syswrite(STDOUT, "ready\n"); close(STDOUT);
my (%held, %clients, %pairs, %peers);
sub family { $_[0] =~ /:/ ? AF_INET6 : AF_INET }
sub place { my ($address, $port) = @_;
  my $raw = inet_pton(family($address), $address); return undef unless defined $raw;
  return $address =~ /:/ ? pack_sockaddr_in6($port, $raw) : pack_sockaddr_in($port, $raw) }
sub port_of { my $name = getsockname($_[0]); sockaddr_family($name) == AF_INET6 ? (unpack_sockaddr_in6($name))[0] : (unpack_sockaddr_in($name))[0] }
sub failed { 'no ' . ($! + 0) }
sub hold { my ($key, $proto, $address, $port, $target, $tport) = @_;
  my $have = $port ? $held{"$proto $address $port"} : undef;
  if ($have) { return 'no 98' if $have->{key} ne $key; @$have{qw(target tport)} = ($target, $tport); return "ok $port" }
  my $where = place($address, $port); return 'no 22' unless defined $where;
  socket(my $socket, family($address), $proto eq 'udp' ? SOCK_DGRAM : SOCK_STREAM, 0) or return failed();
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) if $proto eq 'tcp';
  setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $address =~ /:/;
  bind($socket, $where) or return failed();
  if ($proto eq 'tcp') { listen($socket, 1024) or return failed() }
  nonblocking($socket);
  $port = port_of($socket);
  my $name = "$proto $address $port";
  $held{$name} = { key => $key, name => $name, proto => $proto, socket => $socket, target => $target, tport => $tport };
  return "ok $port" }
sub drop { my ($name) = @_; my $gone = delete $held{$name} or return;
  for my $pair (values %pairs) { end_pair($pair, 1) if $pair->{held} == $gone }
  for my $peer (keys %peers) { delete $peers{$peer} if $peers{$peer}{held} == $gone }
  close($gone->{socket}) }
sub end_pair { my ($pair, $reset) = @_;
  for my $end (@$pair{qw(a b)}) {
    next unless $end->{socket};
    setsockopt($end->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) if $reset;
    delete $pairs{fileno($end->{socket})}; close($end->{socket}); $end->{socket} = undef } }
sub obey { my ($line) = @_; my ($verb, @words) = split / /, $line;
  return hold(@words) if $verb eq 'hold' && @words == 6;
  if ($verb eq 'drop' && @words == 3) { drop("@words"); return 'ok' }
  if ($verb eq 'forget' && @words == 1) { drop($_->{name}) for grep { $_->{key} eq $words[0] } values %held; return 'ok' }
  return join ' ', 'ok', map { my $n = $_->{name}; $n =~ tr/ /,/; "$_->{key},$n" } values %held if $verb eq 'list';
  if ($verb eq 'end' && !%held) { unlink $path; exit 0 }
  return 'no 22' }
sub welcome { my ($held) = @_;
  while (accept(my $from, $held->{socket})) {
    my $where = $held->{target} eq '-' ? undef : place($held->{target}, $held->{tport});
    if (!defined $where || keys %pairs >= 2 * $most_pairs || !socket(my $to, family($held->{target}), SOCK_STREAM, 0)) { close($from); next }
    else {
      nonblocking($_), setsockopt($_, IPPROTO_TCP, TCP_NODELAY, 1) for $from, $to;
      if (!connect($to, $where) && !$!{EINPROGRESS}) { close($_) for $from, $to; next }
      my $pair = { held => $held, a => { socket => $from, out => '' }, b => { socket => $to, out => '', opening => 1 } };
      $pairs{fileno($from)} = $pair; $pairs{fileno($to)} = $pair } } }
sub datagrams { my ($held) = @_;
  for (1 .. 64) {
    my $from = recv($held->{socket}, my $data, 65536, 0); return unless defined $from;
    my $name = unpack('H*', $from) . $held->{name}; my $peer = $peers{$name};
    if (!$peer) {
      next if $held->{target} eq '-' || keys %peers >= $most_peers;
      my $where = place($held->{target}, $held->{tport}); next unless defined $where;
      socket(my $to, family($held->{target}), SOCK_DGRAM, 0) or next; nonblocking($to);
      connect($to, $where) or next;
      $peer = $peers{$name} = { held => $held, socket => $to, from => $from } }
    $peer->{at} = time; send($peer->{socket}, $data, 0) } }
sub move { my ($pair, $from, $to) = @_; # one way, with at most a chunk under way
  return if $from->{ended} || length $to->{out} || $to->{opening};
  my $got = sysread($from->{socket}, $to->{out}, $chunk);
  return if !defined $got && ($!{EAGAIN} || $!{EINTR});
  return end_pair($pair, 1) unless defined $got;
  if (!$got) { $from->{ended} = 1; shutdown($to->{socket}, 1); $to->{closed} = 1; end_pair($pair, 0) if $to->{ended} } }
sub flush { my ($pair, $end, $other) = @_;
  if ($end->{opening}) { my $error = unpack('i', getsockopt($end->{socket}, SOL_SOCKET, SO_ERROR)); return end_pair($pair, 1) if $error; $end->{opening} = 0 }
  return unless length $end->{out};
  my $put = syswrite($end->{socket}, $end->{out});
  if (defined $put) { substr($end->{out}, 0, $put) = '' }
  elsif (!$!{EAGAIN} && !$!{EINTR}) { end_pair($pair, 1) } }
my $quiet = time;
for (;;) {
  my ($read, $write) = ('', '');
  vec($read, fileno($_), 1) = 1 for $control, map { $_->{socket} } values %clients, values %held, values %peers;
  for my $pair (values %pairs) { for my $way ([@$pair{qw(a b)}], [@$pair{qw(b a)}]) { my ($end, $other) = @$way;
    vec($write, fileno($end->{socket}), 1) = 1 if length $end->{out} || $end->{opening};
    vec($read, fileno($end->{socket}), 1) = 1 unless $end->{ended} || length $other->{out} || $other->{opening} } }
  my $found = select($read, $write, undef, %held ? (%peers ? 5 : undef) : 0.5);
  if (%held || %clients) { $quiet = time } elsif (time - $quiet > 1) { unlink $path; exit 0 }
  for my $name (keys %peers) { delete $peers{$name} if time - $peers{$name}{at} > $idle }
  next if $found <= 0;
  if (vec($read, fileno($control), 1) && accept(my $client, $control)) { nonblocking($client); $clients{fileno($client)} = { socket => $client, text => '' } }
  for my $fd (keys %clients) { next unless vec($read, $fd, 1); my $client = $clients{$fd};
    my $got = sysread($client->{socket}, $client->{text}, $chunk, length $client->{text});
    if (!$got || length $client->{text} > 1048576) { delete $clients{$fd} if !defined $got ? !($!{EAGAIN} || $!{EINTR}) : 1; next }
    while ($client->{text} =~ s/^([^\n]*)\n//) { my $answer = obey($1) . "\n"; fcntl($client->{socket}, F_SETFL, 0); syswrite($client->{socket}, $answer); nonblocking($client->{socket}) } }
  for my $held (values %held) { next unless vec($read, fileno($held->{socket}), 1); $held->{proto} eq 'tcp' ? welcome($held) : datagrams($held) }
  for my $peer (values %peers) { next unless vec($read, fileno($peer->{socket}), 1); my $data = ''; my $ok = recv($peer->{socket}, $data, 65536, 0);
    if (defined $ok) { $peer->{at} = time; send($peer->{held}{socket}, $data, 0, $peer->{from}) } }
  for my $fd (keys %pairs) { my $pair = $pairs{$fd} or next; my ($end, $other) = fileno($pair->{a}{socket}) == $fd ? @$pair{qw(a b)} : @$pair{qw(b a)};
    flush($pair, $end, $other) if vec($write, $fd, 1);
    move($pair, $end, $other) if $pairs{$fd} && $end->{socket} && vec($read, $fd, 1) }
}
`
