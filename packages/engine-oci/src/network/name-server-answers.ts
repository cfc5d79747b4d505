/**
 * The part of the name server that reads questions and makes answers of its own, in Perl (RFC 1035, 6891). A message that is no
 * question of one name is answered with an error or not at all; nothing in it is believed before its length was compared.
 */
export const nameServerAnswers = String.raw`
# ---- questions and answers

# A question as a value, with 'wrong' where it is refused; undef for what is not even that.
sub parse_question {
  my ($message) = @_;
  return undef if length $message < 12 || length $message > $most_question;
  my ($id, $flags, $questions, $answers, $authority, $more) = unpack 'n6', $message;
  return undef if $flags & 0x8000;
  my $q = { id => $id, flags => $flags, text => '', name => '', size => 512, edns => 0 };
  return { %$q, wrong => $not_implemented } if $flags & 0x7800;
  return { %$q, wrong => $malformed } if $questions != 1 || $answers || $authority;
  my ($at, @labels) = (12);
  while (1) {
    return { %$q, wrong => $malformed } if $at >= length $message;
    my $length = ord substr $message, $at++, 1;
    last if !$length;
    return { %$q, wrong => $malformed } if $length > 63 || $at + $length > length $message || $at + $length > 266;
    push @labels, lc substr $message, $at, $length;
    $at += $length;
  }
  return { %$q, wrong => $malformed } if $at + 4 > length $message;
  (@$q{'type', 'class'}) = unpack 'n2', substr $message, $at, 4;
  $q->{text} = substr $message, 12, $at + 4 - 12;
  # A dot within a label is no end of it: such a name is nobody's here.
  $q->{name} = join '.', @labels unless grep { /\./ } @labels;
  if ($more && $at + 15 <= length $message) {
    my ($root, $type, $size) = unpack 'C n2', substr $message, $at + 4, 5;
    @$q{'edns', 'size'} = (1, $size < 512 ? 512 : $size > $most_datagram ? $most_datagram : $size) if !$root && $type == 41;
  }
  $q->{wrong} = $refused if $q->{class} != 1;
  return $q;
}

# An answer to a question: its code, and records as [type, data], all of its name. One that does not fit says so.
sub answer_to {
  my ($q, $code, $size, @records) = @_;
  my $flags = 0x8080 | ($q->{flags} & 0x7910) | ($code == $no_error || $code == $no_such_name ? 0x0400 : 0) | $code;
  my $body = join '', map { pack 'n3 N n/a*', 0xc00c, $_->[0], 1, 0, $_->[1] } @records;
  my $end = $q->{edns} ? pack('C n2 N n', 0, 41, $most_datagram, 0, 0) : '';
  my $fits = 12 + length($q->{text}) + length($body) + length($end) <= $size;
  my $head = pack 'n6', $q->{id}, $fits ? $flags : $flags | 0x0200, length $q->{text} ? 1 : 0,
    $fits ? scalar @records : 0, 0, $q->{edns};
  return $head . $q->{text} . ($fits ? $body : '') . $end;
}

# The address that a name for asking backwards stands for.
sub address_of_pointer {
  my ($name) = @_;
  if ($name =~ /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/) {
    return undef if grep { $_ > 255 } $1, $2, $3, $4;
    return pack 'C4', $4, $3, $2, $1;
  }
  return undef unless $name =~ /^((?:[0-9a-f]\.){32})ip6\.arpa$/;
  (my $digits = reverse $1) =~ tr/.//d;
  return pack 'H32', $digits;
}

sub shuffled {
  my @all = @_;
  for (my $at = @all; --$at > 0;) {
    my $other = int rand $at + 1;
    @all[$at, $other] = @all[$other, $at];
  }
  return @all;
}

# The records of a question in some networks; undef where none of them knows the name.
sub own_records {
  my ($q, @view) = @_;
  if ($q->{type} == $pointer) {
    my $address = address_of_pointer($q->{name});
    my ($name) = defined $address ? grep { defined } map { $_->{pointers}{$address} } @view : ();
    return [[$pointer, join('', map { pack 'C/a*', $_ } split /\./, $name) . "\0"]] if defined $name;
  }
  my @known = grep { $_->{names}{$q->{name}} } @view;
  return undef if !@known;
  my $length = $q->{type} == $ipv4 ? 4 : $q->{type} == $ipv6 ? 16 : 0;
  my %found = map { $_ => 1 } grep { length == $length } map { @{$_->{names}{$q->{name}}} } @known;
  my @addresses = shuffled(keys %found);
  splice @addresses, $most_records if @addresses > $most_records;
  return [map { [$q->{type}, $_] } @addresses];
}

# Whoever asks from a container's address sees all networks of that container; the host and whoever else comes, this one alone.
sub hear_question {
  my ($asker, $message) = @_;
  my $q = parse_question($message) or return;
  my $size = $asker->{connection} ? 65535 : $q->{size};
  return reply($asker, answer_to($q, $q->{wrong}, $size)) if $q->{wrong};
  my $network = $networks{$asker->{network}} or return;
  my $container = $network->{places}{$asker->{source}};
  my @view = defined $container ? map { $networks{$_} } @{$networks_of{$container}} : $network;
  my $records = own_records($q, @view);
  return reply($asker, answer_to($q, $no_error, $size, @$records)) if $records;
  return reply($asker, answer_to($q, $no_such_name, $size)) if $network->{internal};
  return reply($asker, answer_to($q, $refused, $size)) if !defined $container;
  forward($asker, $q, $message);
}
`
