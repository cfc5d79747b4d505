/** The part of the ports' holder that passes on what reaches its sockets, in Perl: connections and datagrams. */
export const portKeeperPassing = String.raw`
# ---- connections that are passed on

sub end_pair {
  my ($pair, $reset) = @_;
  for my $end ($pair->{a}, $pair->{b}) {
    next unless $end->{socket};
    setsockopt($end->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) if $reset;
    delete $pairs{fileno($end->{socket})};
    close($end->{socket});
    $end->{socket} = undef;
  }
}

sub connect_to {
  my ($held) = @_;
  return undef if $held->{target} eq '-' || keys %pairs >= 2 * $most_pairs;
  my $where = place($held->{target}, $held->{tport});
  return undef unless defined $where;
  socket(my $to, family($held->{target}), SOCK_STREAM, 0) or return undef;
  nonblocking($to);
  setsockopt($to, IPPROTO_TCP, TCP_NODELAY, 1);
  return $to if connect($to, $where) || $!{EINPROGRESS};
  close($to);
  return undef;
}

sub welcome {
  my ($held) = @_;
  while (accept(my $from, $held->{socket})) {
    my $to = connect_to($held);
    if (!$to) {
      close($from);
      next;
    }
    nonblocking($from);
    setsockopt($from, IPPROTO_TCP, TCP_NODELAY, 1);
    my $pair = {
      held => $held,
      a => { socket => $from, out => '' },
      b => { socket => $to, out => '', opening => 1 },
    };
    $pairs{fileno($from)} = $pair;
    $pairs{fileno($to)} = $pair;
  }
}

sub can_move {
  my ($from, $to) = @_;
  return !$from->{ended} && !length $to->{out} && !$to->{opening};
}

# One way, with at most a chunk under way.
sub move {
  my ($pair, $from, $to) = @_;
  return unless can_move($from, $to);
  my $got = sysread($from->{socket}, $to->{out}, $chunk);
  return if !defined $got && try_later();
  return end_pair($pair, 1) unless defined $got;
  return if $got;
  $from->{ended} = 1;
  shutdown($to->{socket}, 1);
  end_pair($pair, 0) if $to->{ended};
}

sub flush {
  my ($pair, $end) = @_;
  if ($end->{opening}) {
    my $error = unpack('i', getsockopt($end->{socket}, SOL_SOCKET, SO_ERROR));
    return end_pair($pair, 1) if $error;
    $end->{opening} = 0;
  }
  return unless length $end->{out};
  my $put = syswrite($end->{socket}, $end->{out});
  if (defined $put) {
    substr($end->{out}, 0, $put) = '';
  } elsif (!try_later()) {
    end_pair($pair, 1);
  }
}

# ---- datagrams that are passed on

sub connect_peer {
  my ($held, $from) = @_;
  return undef if $held->{target} eq '-' || keys %peers >= $most_peers;
  my $where = place($held->{target}, $held->{tport});
  return undef unless defined $where;
  socket(my $to, family($held->{target}), SOCK_DGRAM, 0) or return undef;
  nonblocking($to);
  connect($to, $where) or return undef;
  return { held => $held, socket => $to, from => $from };
}

sub pass_datagrams {
  my ($held) = @_;
  for (1 .. 64) {
    my $from = recv($held->{socket}, my $data, $chunk, 0);
    return unless defined $from;
    my $name = unpack('H*', $from) . $held->{name};
    my $peer = $peers{$name} || connect_peer($held, $from);
    next unless $peer;
    $peers{$name} = $peer;
    $peer->{at} = time;
    send($peer->{socket}, $data, 0);
  }
}

sub answer_datagram {
  my ($peer) = @_;
  my $ok = recv($peer->{socket}, my $data, $chunk, 0);
  return unless defined $ok;
  $peer->{at} = time;
  send($peer->{held}{socket}, $data, 0, $peer->{from});
}

sub forget_idle_peers {
  for my $name (keys %peers) {
    delete $peers{$name} if time - $peers{$name}{at} > $idle_seconds;
  }
}
`
