/**
 * One question to a server, by HTTP (`tcp ADDRESS PORT`) or with a datagram (`udp ADDRESS PORT`). It prints the text of the answer
 * or the error's code: after 1.5 s without a byte `timeout` or `silence`. The tests of networks ask some hundred times, and Perl
 * starts in a tenth of the time that Node takes.
 */
const script = `use Socket qw(:all);
use Errno;
my ($kind, $address, $port) = @ARGV;
my $late = $kind eq 'udp' ? 'silence' : 'timeout';
sub done { print "$_[0]\\n"; exit }
sub failed { done($late) if $!{EAGAIN} || $!{EINPROGRESS}; my ($name) = grep { $!{$_} } keys %!; done($name) }
my $type = $kind eq 'udp' ? SOCK_DGRAM : SOCK_STREAM;
my ($wrong, $at) = getaddrinfo($address, $port, { flags => AI_NUMERICHOST, socktype => $type });
die "$address: $wrong" if $wrong;
socket(my $socket, $at->{family}, $type, 0) or failed();
setsockopt($socket, SOL_SOCKET, $_, pack('l!l!', 1, 500_000)) or failed() for SO_RCVTIMEO, SO_SNDTIMEO;
if ($kind eq 'udp') {
  send($socket, 'hello', 0, $at->{addr}) or failed();
  defined(recv($socket, my $text, 65_535, 0)) or failed();
  done($text);
}
connect($socket, $at->{addr}) or failed();
syswrite($socket, "GET / HTTP/1.0\\r\\nHost: test\\r\\n\\r\\n") or failed();
my $text = '';
while (my $count = sysread($socket, $text, 65_536, length $text) // failed()) {}
done($text =~ /\\r\\n\\r\\n\\s*(.*?)\\s*\\z/s ? $1 : 'ECONNRESET');`

/** Its command, without the question. */
export const asking: readonly string[] = ['perl', '-e', script]
