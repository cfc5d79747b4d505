import { nameServerAnswers } from './name-server-answers.ts'
import { nameServerUpstream } from './name-server-upstream.ts'

/**
 * Makes the socket that the name server hears commands on, as root, and becomes the server: `PATH COMMAND...`, whose last argument
 * is the socket's descriptor.
 */
export const nameServerBoot = String.raw`
use strict;
use warnings;
use Socket;
my ($path, @command) = @ARGV;
$^F = 1000; # or else the socket would not outlive exec
umask 0077;
unlink $path;
socket(my $control, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
bind($control, pack_sockaddr_un($path)) or die "bind: $!\n";
listen($control, 64) or die "listen: $!\n";
exec @command, fileno $control or die "exec: $!\n";
`

/**
 * Answers the names of an instance's containers at the gateways of its networks, by UDP and TCP, and asks the host's servers for the
 * rest: `VERSION PATH PORT RESOLV_CONF CONTROL-DESCRIPTOR`. It outlives the agent. One loop does all, and nothing in it waits. What
 * it knows is one table, told whole each time: the old one answers until the new one is read. Commands come on a stream socket:
 *
 *     look                                    ok VERSION DIGEST [ADDRESS,ERRNO ...]     addresses that it could not take
 *     serve VERSION DIGEST LENGTH, table      the same; of another version it takes nothing
 *     become VERSION LENGTH, program          ready, once the new one has the sockets: `serve` follows on the same connection
 *     end
 *
 * A table's lines are `network KEY INTERNAL GATEWAY...` and, of the network before, `place ADDRESS CONTAINER NAME...`, whose first
 * name is told to who asks for the address. For `become` it starts the new program with its sockets, goes on until that one has its
 * table, and then ends what it has begun: whoever asks meanwhile waits in the sockets for the next of the two.
 */
export const nameServerScript = String.raw`
use strict;
use warnings;
use Errno qw(EAGAIN EINTR EINPROGRESS);
use Fcntl;
use POSIX ();
use Socket qw(:DEFAULT getaddrinfo inet_pton IPPROTO_IP IPPROTO_IPV6 IPV6_V6ONLY AI_NUMERICHOST
  pack_sockaddr_in6 unpack_sockaddr_in6 sockaddr_family);

my ($version, $path, $port, $resolv_conf, $control_number, $client_number, $ready_number, @inherited) = @ARGV;

my ($ipv4, $ipv6, $pointer) = (1, 28, 12);
my ($no_error, $malformed, $server_failure, $no_such_name, $not_implemented, $refused) = (0 .. 5);
my $most_question = 4096;
my $most_datagram = 1232;  # what passes every link of IPv6 in one piece
my $most_records = 1000;
my $most_waiting = 1024;
my $most_connections = 512;
my $most_text = 8388608;
my $patience = 1.5;        # three tries end before whoever asks, after five seconds as a rule, asks again
my $bad_for = 30;
my $idle_for = 5;

my %networks;              # KEY => { internal, names => { NAME => [address] }, places => { address => CONTAINER }, pointers }
my %networks_of;           # CONTAINER => [KEY]
my $digest = '-';
my %listening;             # 'udp|tcp ADDRESS' => { socket, network }
my %unbound;               # ADDRESS => errno
my %clients;               # descriptor => { socket, text }
my %connections;           # descriptor => { socket, source, network, in, out, busy, at }
my %connections_of;        # source => number
my (%waiting, %waiting_of, $last_number);
my (@servers, %bad_until, $numbers);
my ($seen_before, $retiring) = ('-', 0);
my (%handlers, $read_bits, $write_bits);
($numbers, $read_bits, $write_bits, $last_number) = ('', '', '', 0);
open(my $random, '<', '/dev/urandom') or die "urandom: $!\n";

# ---- sockets

# By a clock that nobody sets, in seconds.
sub now {
  return (POSIX::times())[0] / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

sub nonblocking {
  my ($socket) = @_;
  fcntl($socket, F_SETFL, fcntl($socket, F_GETFL, 0) | O_NONBLOCK);
}

sub try_later {
  return $!{EAGAIN} || $!{EINTR};
}

sub watch {
  my ($socket, $handler) = @_;
  $handlers{fileno $socket} = $handler;
  vec($read_bits, fileno $socket, 1) = 1;
}

sub want_read {
  my ($socket, $wanted) = @_;
  vec($read_bits, fileno $socket, 1) = $wanted;
}

sub want_write {
  my ($socket, $wanted) = @_;
  vec($write_bits, fileno $socket, 1) = $wanted;
}

sub unwatch {
  my ($socket) = @_;
  delete $handlers{fileno $socket};
  vec($_, fileno $socket, 1) = 0 for $read_bits, $write_bits;
}

sub address_in {
  my ($name) = @_;
  return '' if !length $name;
  return sockaddr_family($name) == AF_INET6 ? (unpack_sockaddr_in6($name))[1] : (unpack_sockaddr_in($name))[1];
}

# A gateway's address is taken before its bridge is there, and stays taken when that one is made anew.
sub open_place {
  my ($proto, $address) = @_;
  my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
  my $raw = inet_pton($family, $address);
  return undef if !defined $raw;
  socket(my $socket, $family, $proto eq 'udp' ? SOCK_DGRAM : SOCK_STREAM, 0) or return undef;
  if ($family == AF_INET6) {
    setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    setsockopt($socket, IPPROTO_IPV6, 78, 1); # IPV6_FREEBIND
  } else {
    setsockopt($socket, IPPROTO_IP, 15, 1); # IP_FREEBIND
  }
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) if $proto eq 'tcp';
  setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 4194304) if $proto eq 'udp'; # or as much of it as the host allows
  bind($socket, $family == AF_INET6 ? pack_sockaddr_in6($port, $raw) : pack_sockaddr_in($port, $raw)) or return undef;
  listen($socket, 1024) or return undef if $proto eq 'tcp';
  nonblocking($socket);
  return $socket;
}

sub listen_at {
  my ($name, $socket) = @_;
  my $place = { socket => $socket, network => '' };
  $listening{$name} = $place;
  watch($socket, $name =~ /^udp/ ? sub { hear_datagrams($place) } : sub { greet_askers($place) });
}

# Whoever is still to be answered by a socket that goes has it for as long.
sub stop_listening {
  my ($name) = @_;
  my $place = delete $listening{$name};
  unwatch($place->{socket});
}

# ---- who asks

sub hear_datagrams {
  my ($place) = @_;
  for (1 .. 128) {
    my $from = recv($place->{socket}, my $message, $most_question + 1, 0);
    return if !defined $from;
    my $source = address_in($from);
    hear_question({ network => $place->{network}, source => $source, socket => $place->{socket}, from => $from }, $message);
  }
}

sub greet_askers {
  my ($place) = @_;
  for (1 .. 64) {
    my $from = accept(my $socket, $place->{socket}) or return;
    my $source = address_in($from);
    next if ($connections_of{$source} || 0) >= $most_connections - keys %connections;
    nonblocking($socket);
    my $connection = { socket => $socket, source => $source, network => $place->{network}, in => '', out => '', at => now() };
    $connections{fileno $socket} = $connection;
    $connections_of{$source}++;
    watch($socket, sub { serve_connection($connection, @_) });
  }
}

sub end_connection {
  my ($connection) = @_;
  my $source = $connection->{source};
  return if !delete $connections{fileno $connection->{socket}};
  delete $connections_of{$source} if !--$connections_of{$source};
  unwatch($connection->{socket});
  close $connection->{socket};
  $connection->{ended} = 1;
}

sub serve_connection {
  my ($connection, $can_read, $can_write) = @_;
  flush_connection($connection) if $can_write;
  return if $connection->{ended} || !$can_read || $connection->{busy} || length $connection->{out};
  my $got = sysread $connection->{socket}, $connection->{in}, $most_question + 2, length $connection->{in};
  return if !defined $got && try_later();
  return end_connection($connection) if !$got;
  hear_buffered($connection);
}

# One question at a time: the next is read when the answer is on its way.
sub hear_buffered {
  my ($connection) = @_;
  while (!$connection->{ended} && !$connection->{busy} && !length $connection->{out} && length $connection->{in} >= 2) {
    my $length = unpack 'n', $connection->{in};
    return end_connection($connection) if $length < 12 || $length > $most_question;
    last if length $connection->{in} < 2 + $length;
    my $message = substr $connection->{in}, 2, $length;
    substr($connection->{in}, 0, 2 + $length) = '';
    $connection->{at} = now();
    $connection->{busy} = 1;
    my $asker = { network => $connection->{network}, source => $connection->{source}, connection => $connection };
    $connection->{hearing} = 1;
    hear_question($asker, $message);
    $connection->{hearing} = 0;
    # What is no question gets no answer.
    return end_connection($connection) if $connection->{busy} && !$asker->{forwarded};
  }
  return if $connection->{ended};
  want_read($connection->{socket}, !$connection->{busy} && !length $connection->{out} ? 1 : 0);
}

sub flush_connection {
  my ($connection) = @_;
  if (length $connection->{out}) {
    my $put = syswrite $connection->{socket}, $connection->{out};
    return end_connection($connection) if !defined $put && !try_later();
    substr($connection->{out}, 0, $put || 0) = '';
    $connection->{at} = now() if $put;
  }
  want_write($connection->{socket}, length $connection->{out} ? 1 : 0);
  hear_buffered($connection) if !$connection->{hearing};
}

sub reply {
  my ($asker, $message) = @_;
  my $connection = $asker->{connection};
  if (!$connection) {
    send($asker->{socket}, $message, 0, $asker->{from});
  } elsif (!$connection->{ended}) {
    $connection->{busy} = 0;
    $connection->{out} .= pack 'n/a*', $message;
    flush_connection($connection);
  }
}
${nameServerAnswers}
${nameServerUpstream}
# ---- commands

# One table as a whole, from lines to what is looked up in.
sub take_table {
  my ($text) = @_;
  my (%next, %of, $network);
  for my $line (split /\n/, $text) {
    my ($word, @rest) = split / /, $line;
    if ($word eq 'network') {
      my ($key, $internal, @gateways) = @rest;
      $network = { key => $key, internal => $internal, gateways => [@gateways], names => {}, places => {}, pointers => {} };
      $next{$key} = $network;
    } elsif ($word eq 'place' && $network) {
      my ($address, $container, @names) = @rest;
      my $raw = inet_pton($address =~ /:/ ? AF_INET6 : AF_INET, $address);
      next if !defined $raw;
      $network->{places}{$raw} = $container;
      $network->{pointers}{$raw} = $names[0] if @names;
      push @{$network->{names}{$_}}, $raw for @names;
      $of{$container}{$network->{key}} = 1;
    }
  }
  %networks = %next;
  %networks_of = map { $_ => [sort keys %{$of{$_}}] } keys %of;
  take_places();
}

# Opens what the table names and is not there, and lets go of what it does not name; the others are not touched.
sub take_places {
  my %wanted;
  for my $network (values %networks) {
    for my $address (@{$network->{gateways}}) {
      $wanted{"$_ $address"} = $network->{key} for 'udp', 'tcp';
    }
  }
  for my $name (keys %listening) {
    stop_listening($name) if !$wanted{$name};
  }
  %unbound = ();
  for my $name (sort keys %wanted) {
    if (!$listening{$name}) {
      my $socket = open_place(split / /, $name);
      if (!$socket) {
        $unbound{(split / /, $name)[1]} = $! + 0;
        next;
      }
      listen_at($name, $socket);
    }
    $listening{$name}{network} = $wanted{$name};
  }
}

sub state_line {
  return join(' ', 'ok', $version, $digest, map { "$_,$unbound{$_}" } sort keys %unbound) . "\n";
}

sub greet_clients {
  my ($control) = @_;
  while (accept(my $socket, $control)) {
    nonblocking($socket);
    welcome_client($socket);
  }
}

sub welcome_client {
  my ($socket) = @_;
  my $client = { socket => $socket, text => '' };
  $clients{fileno $socket} = $client;
  watch($socket, sub { hear_client($client) });
}

sub end_client {
  my ($client) = @_;
  delete $clients{fileno $client->{socket}} or return;
  unwatch($client->{socket});
  close $client->{socket};
}

sub hear_client {
  my ($client) = @_;
  my $got = sysread $client->{socket}, $client->{text}, 1048576, length $client->{text};
  return if !defined $got && try_later();
  return end_client($client) if !$got || length $client->{text} > $most_text;
  while ($client->{text} =~ /\A([^\n]{1,200})\n/) {
    my ($line, @words) = ($1, split / /, $1);
    my $length = $words[0] eq 'serve' || $words[0] eq 'become' ? $words[-1] : 0;
    return end_client($client) if $length !~ /\A\d{1,7}\z/;
    return if length $client->{text} < length($line) + 1 + $length;
    my $body = substr $client->{text}, length($line) + 1, $length;
    substr($client->{text}, 0, length($line) + 1 + $length) = '';
    obey($client, $body, @words) or return;
  }
}

# False where the connection is no longer ours.
sub obey {
  my ($client, $body, $verb, $other, $name) = @_;
  POSIX::_exit(0) if $verb eq 'end';
  return become($client, $body, $other) if $verb eq 'become';
  if ($verb eq 'serve' && $other eq $version) {
    take_table($body);
    $digest = $name;
    return begin_with_table($client) if defined $ready_number;
  }
  syswrite $client->{socket}, state_line();
  return 1;
}

# ---- a newer one takes over

sub keep_over_exec {
  my ($socket) = @_;
  fcntl($socket, F_SETFD, 0);
  return fileno $socket;
}

sub become {
  my ($client, $program, $other) = @_;
  socketpair(my $ready, my $say, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or return 1;
  my $pid = fork;
  if (defined $pid && !$pid) {
    my @places = map { $_, keep_over_exec($listening{$_}{socket}) } keys %listening;
    my @numbers = map { keep_over_exec($_) } $main::control, $client->{socket}, $say;
    exec 'perl', '-e', $program, $other, $path, $port, $resolv_conf, @numbers, @places or POSIX::_exit(1);
  }
  end_client($client);
  return 0 if !defined $pid;
  nonblocking($ready);
  watch($ready, sub {
    my $got = sysread $ready, my $word, 16;
    return if !defined $got && try_later();
    retire() if $got;
    unwatch($ready);
    close $ready;
  });
  return 0;
}

# Hears nobody any more, and ends when those have their answers who asked before.
sub retire {
  $retiring = now() + $idle_for + 5;
  stop_listening($_) for keys %listening;
  unwatch($main::control);
  end_client($_) for values %clients;
}

sub take_over {
  while (my ($name, $number) = splice @inherited, 0, 2) {
    open(my $socket, '+<&=', $number) or die "descriptor $number: $!\n";
    fcntl($socket, F_SETFD, FD_CLOEXEC);
    # Nothing is read from it before there is a table.
    $listening{$name} = { socket => $socket, network => '' };
  }
  open(my $client, '+<&=', $client_number) or die "descriptor $client_number: $!\n";
  fcntl($client, F_SETFD, FD_CLOEXEC);
  welcome_client($client);
  syswrite $client, "ready\n";
}

# Hears whoever asks from now on; it answers that it does once the old one hears nobody any more.
sub begin_with_table {
  my ($client) = @_;
  for my $name (keys %listening) {
    my $network = $listening{$name}{network};
    listen_at($name, $listening{$name}{socket});
    $listening{$name}{network} = $network;
  }
  open(my $say, '+<&=', $ready_number) or die "descriptor $ready_number: $!\n";
  fcntl($say, F_SETFD, FD_CLOEXEC);
  nonblocking($say);
  $ready_number = undef;
  syswrite $say, "ready\n";
  watch($say, sub {
    return if !defined sysread($say, my $word, 16) && try_later();
    unwatch($say);
    close $say;
    watch($main::control, sub { greet_clients($main::control) });
    syswrite $client->{socket}, state_line() if $clients{fileno $client->{socket}};
  });
  return 1;
}

# ---- the one loop

sub serve_all {
  my ($read, $write) = @_;
  my ($reading, $writing) = (unpack('b*', $read), unpack('b*', $write));
  my %found;
  for (my $at = -1; ($at = index $reading, '1', $at + 1) >= 0;) { $found{$at} = 1 }
  for (my $at = -1; ($at = index $writing, '1', $at + 1) >= 0;) { $found{$at} = 1 }
  for my $number (keys %found) {
    # One that was closed in this round may be another's now: that one finds that there is nothing yet.
    my $handler = $handlers{$number} or next;
    $handler->(vec($read, $number, 1), vec($write, $number, 1));
  }
}

sub look_at_time {
  look_at_waiting();
  my $now = now();
  my @idle = grep { !$_->{busy} && $now - $_->{at} > $idle_for } values %connections;
  end_connection($_) for @idle;
  POSIX::_exit(0) if $retiring && (!%waiting && !%connections || $now > $retiring);
}

if (open(my $comm, '>', '/proc/self/comm')) {
  print $comm 'flotilla-names';
  close($comm);
}
$SIG{PIPE} = $SIG{HUP} = $SIG{CHLD} = 'IGNORE';
open(our $control, '+<&=', $control_number) or die "descriptor $control_number: $!\n";
fcntl($control, F_SETFD, FD_CLOEXEC);
nonblocking($control);
if (defined $client_number) {
  take_over();
} else {
  watch($control, sub { greet_clients($control) });
  syswrite(STDOUT, "ready\n");
  open(STDOUT, '>', '/dev/null');
}
open(STDERR, '>', '/dev/null');
chdir '/';
my $looked_at = 0;
for (;;) {
  my ($read, $write) = ($read_bits, $write_bits);
  my $is_waiting = %waiting || %connections || $retiring;
  my $found = select($read, $write, undef, $is_waiting ? 0.1 : undef);
  serve_all($read, $write) if $found > 0;
  # A new one whose first client has gone has nobody to tell it anything.
  POSIX::_exit(0) if defined $ready_number && !%clients;
  next if !$is_waiting || now() - $looked_at < 0.1;
  $looked_at = now();
  look_at_time();
}
`
