/**
 * The part of the name server that asks the host's servers what it does not know itself, in Perl. Each try is a socket of its own,
 * connected to the one server, with a port of the kernel's choice and a random number: only that server's answer to that question
 * comes in. Servers are tried one after the other, and an earlier one may still answer. Whoever asks gets another question under way
 * while it has fewer of them than are left free for all: alone it gets half of the whole.
 */
export const nameServerUpstream = String.raw`
# ---- questions that are asked elsewhere

# The host's servers, read again when their file has changed.
sub upstream_servers {
  my $now = now();
  my @stat = stat $resolv_conf;
  my $seen = @stat ? join ' ', @stat[0, 1, 7, 9, 10] : '';
  # Within a second it may change once more and look the same.
  read_servers() if $seen ne $seen_before || @stat && time - $stat[10] < 2;
  $seen_before = $seen;
  my @good = grep { ($bad_until{$_->{name}} || 0) <= $now } @servers;
  my @bad = grep { ($bad_until{$_->{name}} || 0) > $now } @servers;
  return (@good, @bad);
}

sub read_servers {
  @servers = ();
  open my $file, '<', $resolv_conf or return;
  read $file, my $text, 65536;
  for my $name (($text || '') =~ /^[ \t]*nameserver[ \t]+(\S+)/mg) {
    my ($wrong, $at) = getaddrinfo($name, $port, { flags => AI_NUMERICHOST, socktype => SOCK_DGRAM });
    push @servers, { name => $name, family => $at->{family}, at => $at->{addr} } if !$wrong && @servers < 3;
  }
}

sub random_number {
  sysread $random, $numbers, 1024 if length $numbers < 2;
  return unpack 'n', substr $numbers, 0, 2, '';
}

sub forward {
  my ($asker, $q, $message) = @_;
  my @order = upstream_servers();
  my $source = $asker->{source};
  if (!@order || ($waiting_of{$source} || 0) >= $most_waiting - keys %waiting) {
    return reply($asker, answer_to($q, $server_failure, 512));
  }
  @order = (@order) x 3;
  splice @order, 3;
  $asker->{forwarded} = 1;
  my $number = ++$last_number;
  my $wait = { number => $number, asker => $asker, q => $q, message => $message, left => [@order], tries => {} };
  $waiting{$number} = $wait;
  $waiting_of{$source}++;
  ask_next($wait) or give_up($wait);
}

sub ask_next {
  my ($wait) = @_;
  while (my $server = shift @{$wait->{left}}) {
    $wait->{next} = now() + $patience;
    $wait->{server} = $server;
    return 1 if ask($wait, $server);
  }
  return 0;
}

# One try; false where it could not even be sent.
sub ask {
  my ($wait, $server) = @_;
  my $is_tcp = $wait->{asker}{connection} ? 1 : 0;
  socket(my $socket, $server->{family}, $is_tcp ? SOCK_STREAM : SOCK_DGRAM, 0) or return 0;
  nonblocking($socket);
  connect($socket, $server->{at}) || $!{EINPROGRESS} or return 0;
  my $id = random_number();
  my $message = pack('n', $id) . substr $wait->{message}, 2;
  my $try = { wait => $wait, server => $server, socket => $socket, id => $id, in => '', out => '' };
  if ($is_tcp) {
    $try->{out} = pack 'n/a*', $message;
  } else {
    send($socket, $message, 0) or return 0;
  }
  $wait->{tries}{fileno $socket} = $try;
  watch($socket, sub { hear_answer($try, @_) });
  want_write($socket, 1) if $is_tcp;
  return 1;
}

sub hear_answer {
  my ($try, $can_read, $can_write) = @_;
  return hear_stream($try, $can_read, $can_write) if $try->{wait}{asker}{connection};
  for (1 .. 8) {
    my $from = recv($try->{socket}, my $answer, 65535, 0);
    return if !defined $from && try_later();
    return fail_try($try) if !defined $from;
    return if take_answer($try, $answer);
  }
}

sub hear_stream {
  my ($try, $can_read, $can_write) = @_;
  if ($can_write && length $try->{out}) {
    my $put = syswrite $try->{socket}, $try->{out};
    return fail_try($try) if !defined $put && !try_later();
    substr($try->{out}, 0, $put || 0) = '';
    want_write($try->{socket}, 0) if !length $try->{out};
  }
  return if !$can_read;
  my $got = sysread $try->{socket}, $try->{in}, 65537, length $try->{in};
  return if !defined $got && try_later();
  return fail_try($try) if !$got;
  while (length $try->{in} >= 2 && length $try->{in} >= 2 + (my $length = unpack 'n', $try->{in})) {
    my $answer = substr $try->{in}, 2, $length;
    substr($try->{in}, 0, 2 + $length) = '';
    return if take_answer($try, $answer);
  }
}

# True where the try has ended with this. What does not belong to its question is as if it had not come.
sub take_answer {
  my ($try, $answer) = @_;
  my $wait = $try->{wait};
  return 0 if length $answer < 12;
  my ($id, $flags, $questions) = unpack 'n3', $answer;
  return 0 if $id != $try->{id} || !($flags & 0x8000);
  my $code = $flags & 15;
  my $text = $wait->{q}{text};
  my $is_same = $questions == 1 && lc(substr $answer, 12, length $text) eq lc $text;
  return 0 if !$is_same && ($questions || !$code);
  substr($answer, 0, 2) = pack 'n', $wait->{q}{id};
  if ($code == $no_error || $code == $no_such_name) {
    delete $bad_until{$try->{server}{name}};
    end_wait($wait);
    reply($wait->{asker}, $answer);
  } else {
    $wait->{failure} = $answer if $is_same;
    fail_try($try);
  }
  return 1;
}

sub end_try {
  my ($try) = @_;
  delete $try->{wait}{tries}{fileno $try->{socket}};
  unwatch($try->{socket});
  close $try->{socket};
}

sub fail_try {
  my ($try) = @_;
  my $wait = $try->{wait};
  end_try($try);
  # Another server that was asked since may answer yet.
  return if $wait->{server} != $try->{server} && %{$wait->{tries}};
  ask_next($wait) || %{$wait->{tries}} or give_up($wait);
}

sub end_wait {
  my ($wait) = @_;
  my $source = $wait->{asker}{source};
  end_try($_) for values %{$wait->{tries}};
  delete $waiting{$wait->{number}};
  delete $waiting_of{$source} if !--$waiting_of{$source};
}

sub give_up {
  my ($wait) = @_;
  end_wait($wait);
  reply($wait->{asker}, $wait->{failure} || answer_to($wait->{q}, $server_failure, 512));
}

# Each tenth of a second while something is under way.
sub look_at_waiting {
  my $now = now();
  my @late = grep { $_->{next} <= $now } values %waiting;
  for my $wait (@late) {
    $bad_until{$wait->{server}{name}} = $now + $bad_for;
    ask_next($wait) or give_up($wait);
  }
}
`
