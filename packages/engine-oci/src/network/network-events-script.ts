/**
 * Tells of changes that the kernel tells of (netlink(7)), a line for each: `links` of links, addresses and routes, once a second at
 * most, and `rules PID` of a change of nftables' rules by that process that names one of the given names. It asks nothing and
 * keeps nothing, and ends with its input.
 */
export const networkEventsScript = `
use strict; use Errno qw(EAGAIN ENOBUFS);
my $named = join '|', map { quotemeta } @ARGV;
$| = 1;
sub hear {
  my ($protocol, $groups) = @_;
  socket(my $socket, 16, 3, $protocol) or die "socket: $!";
  bind($socket, pack('S S L L', 16, 0, 0, $groups)) or die "bind: $!";
  return $socket;
}
# LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR and IPV6_ROUTE of NETLINK_ROUTE; NFTABLES of NETLINK_NETFILTER
my $links = hear(0, 0x1 | 0x10 | 0x40 | 0x100 | 0x400);
my $rules = hear(12, 0x40);
my ($changed, $told, $touched) = (0, 0, 0);
# What was not kept for us may have been anything.
sub next_from {
  my ($socket) = @_;
  while (1) {
    return $_ if defined(recv($socket, $_, 1 << 18, 0x40)) && length;
    return undef if $!{EAGAIN};
    return '' if $!{ENOBUFS};
    die "recv: $!";
  }
}
sub read_rules {
  while (defined(my $bytes = next_from($rules))) {
    if ($bytes eq '') { print "rules 0\\n"; next }
    while (length($bytes) >= 20) {
      my ($size, $type, $pid) = unpack('L S x6 L', $bytes);
      last if $size < 20 || $size > length($bytes);
      my $message = substr($bytes, 0, $size);
      substr($bytes, 0, ($size + 3) & ~3) = '';
      if ($type != 0x0a0f) { $touched ||= $message =~ /$named/o; next }
      # The end of one change (NFT_MSG_NEWGEN). A socket's number is that of its process, if it is the only one.
      print "rules $pid\\n" if $touched;
      $touched = 0;
    }
  }
}
while (1) {
  my $set = '';
  vec($set, fileno($_), 1) = 1 for \\*STDIN, $links, $rules;
  select($set, undef, undef, $changed ? 1 : undef);
  exit if vec($set, fileno(STDIN), 1) && !sysread(STDIN, my $ignored, 64);
  if (vec($set, fileno($links), 1)) { $changed = 1 while defined next_from($links) }
  read_rules() if vec($set, fileno($rules), 1);
  next if !$changed || $told == time;
  print "links\\n";
  ($changed, $told) = (0, time);
}`
