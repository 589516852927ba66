package Checks;    # what the Perl clients have in common
use strict;
use warnings;
use Scalar::Util qw(reftype);
use Exporter 'import';
our @EXPORT = qw(say_line check na same serve_until_eof);

$| = 1;
binmode STDOUT, ':encoding(UTF-8)';

sub say_line { print join( ' ', map { s/\s+/ /gr } @_ ), "\n" }
sub na       { say_line( na => @_ ) }

# check runs a check; it fails by dying.
sub check {
    my ( $name, $run ) = @_;
    eval { $run->(); 1 } ? say_line( ok => $name ) : say_line( no => $name, $@ );
}

# same dies unless both are equal, classes included.
sub same {
    my ( $got, $want ) = map { shown($_) } @_;
    die "$want came back as $got\n" if $got ne $want;
}

sub shown {
    my $v = shift;
    return 'undef' if !defined $v;
    my $kind = reftype $v or return qq{"$v"};
    my @inner =
        $kind eq 'ARRAY' ? map { shown($_) } @$v
      : $kind eq 'HASH'  ? map { "$_: " . shown( $v->{$_} ) } sort keys %$v
      :                    shown($$v);
    return ref($v) . '(' . join( ', ', @inner ) . ')';
}

# serve_until_eof runs a server until standard input ends.
sub serve_until_eof {
    my $serve = shift;
    my $server = fork // die "fork: $!";
    if ( !$server ) { $serve->(); exit }
    1 while <STDIN>;
    kill KILL => $server;
    waitpid $server, 0;
}

1;
