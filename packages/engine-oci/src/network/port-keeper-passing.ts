/**
 * The part of the ports' holder that passes on what reaches its sockets, in Perl: connections and datagrams. A place gets another
 * connection, or another sender of datagrams, while it has fewer of them than are left free for all: alone it gets half of the
 * whole, and whatever it takes, a like number stays for the others. What it does not get is closed at once, or lost; nothing that
 * works makes room. A caller or a container that vanishes without a word is found by the kernel within two minutes, or within its
 * own limit for what it sends again while bytes are under way: a shorter one there would end those that pause, too.
 */
export const portKeeperPassing = String.raw`
# ---- connections that are passed on

sub may_have_more {
  my ($held, $taken, $most) = @_;
  return $held->{passing} < $most - $taken;
}

sub end_pair {
  my ($pair, $reset) = @_;
  return unless $pair->{a}{socket};
  $pair->{held}{passing}--;
  for my $end ($pair->{a}, $pair->{b}) {
    setsockopt($end->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) if $reset;
    delete $pairs{fileno($end->{socket})};
    close($end->{socket});
    $end->{socket} = undef;
  }
}

# Ends what the kernel has given up: of an end that is neither read nor written now, select tells nothing.
sub end_lost_pairs {
  return if time - $looked_at < $look_seconds;
  $looked_at = time;
  my @all = values %pairs; # a list of its own, for pairs go while it is walked
  for my $pair (@all) {
    next unless $pair->{a}{socket};
    my @errors = map { unpack('i', getsockopt($_->{socket}, SOL_SOCKET, SO_ERROR)) } $pair->{a}, $pair->{b};
    end_pair($pair, 1) if grep { $_ } @errors;
  }
}

# No delay, and a peer that has vanished is an error after 60 + 4 * 15 seconds.
sub tune {
  my ($socket) = @_;
  nonblocking($socket);
  setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, 1);
  setsockopt($socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  setsockopt($socket, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  setsockopt($socket, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  setsockopt($socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

sub connect_to {
  my ($held) = @_;
  return undef if $held->{target} eq '-' || !may_have_more($held, keys(%pairs) / 2, $most_pairs);
  my $where = place($held->{target}, $held->{tport});
  return undef unless defined $where;
  socket(my $to, family($held->{target}), SOCK_STREAM, 0) or return undef;
  tune($to);
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
    tune($from);
    $held->{passing}++;
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
  return undef if $held->{target} eq '-' || !may_have_more($held, scalar keys %peers, $most_peers);
  my $where = place($held->{target}, $held->{tport});
  return undef unless defined $where;
  socket(my $to, family($held->{target}), SOCK_DGRAM, 0) or return undef;
  nonblocking($to);
  connect($to, $where) or return undef;
  $held->{passing}++;
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

sub forget_peer {
  my ($name) = @_;
  my $peer = delete $peers{$name};
  $peer->{held}{passing}--;
}

sub forget_idle_peers {
  for my $name (keys %peers) {
    forget_peer($name) if time - $peers{$name}{at} > $idle_seconds;
  }
}
`
