/**
 * One question to a DNS server (`4 NAME SERVER [SOURCE]` or `6 …`), asked twice at most. It prints the addresses, sorted, or the
 * error's code as Node's own resolver names it. In Perl like the other questions (`asking.ts`).
 */
const script = String.raw`use Socket qw(:all);
use Errno;
my ($family, $name, $server, $source) = @ARGV;
my $wanted = $family == 6 ? 28 : 1;
my %codes = (1 => 'EFORMERR', 2 => 'ESERVFAIL', 3 => 'ENOTFOUND', 4 => 'ENOTIMP', 5 => 'EREFUSED');
sub done { print "$_[0]\n"; exit }
sub failed { my ($code) = grep { $!{$_} } keys %!; $code }
sub place { my ($wrong, $at) = getaddrinfo($_[0], $_[1], { flags => AI_NUMERICHOST, socktype => SOCK_DGRAM }); die "$_[0]: $wrong" if $wrong; $at }
my $at = place($server, 53);
socket(my $socket, $at->{family}, SOCK_DGRAM, 0) or done(failed());
if (defined $source) { bind($socket, place($source, 0)->{addr}) or done(failed()) }
setsockopt($socket, SOL_SOCKET, SO_RCVTIMEO, pack('l!l!', 1, 500_000)) or done(failed());
connect($socket, $at->{addr}) or done(failed());
my $id = int(rand(65_536));
my $question = pack('n6', $id, 0x0100, 1, 0, 0, 0) . join('', map { pack('C/a*', $_) } split(/\./, $name)) . pack('Cn2', 0, $wanted, 1);
my ($code, $text) = ('ETIMEOUT', '');
for (1, 2) {
  unless (defined(send($socket, $question, 0)) && defined(recv($socket, $text, 65_535, 0))) {
    $code = $!{EAGAIN} ? 'ETIMEOUT' : failed();
    next;
  }
  my ($given, $flags, undef, $count) = unpack('n4', $text);
  next if $given != $id;
  $code = $codes{$flags & 15} // 'ENODATA';
  next if $code eq 'ESERVFAIL';
  last if $code ne 'ENODATA';
  my ($where, @found) = (length($question));
  for (1 .. $count) {
    $where += 1 + ord(substr($text, $where)) while ord(substr($text, $where)) > 0 && ord(substr($text, $where)) < 192;
    $where += ord(substr($text, $where)) == 0 ? 1 : 2;
    my ($type, undef, undef, $length) = unpack('n2Nn', substr($text, $where));
    push(@found, inet_ntop($family == 6 ? AF_INET6 : AF_INET, substr($text, $where + 10, $length))) if $type == $wanted;
    $where += 10 + $length;
  }
  done(join(',', sort @found)) if @found;
  last;
}
done($code);`

/** Its command, without the question. */
export const resolving: readonly string[] = ['perl', '-e', script]
