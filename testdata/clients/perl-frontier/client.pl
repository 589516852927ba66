# Drives Frontier::Client and Frontier::Daemon.
use strict;
use warnings;
use utf8;
use Checks;
use Frontier::Client;
use Frontier::Daemon;
use MIME::Base64;

sub calls {
    my $client = Frontier::Client->new( url => shift );
    my $version = `dpkg-query -W -f '\${Version}' libfrontier-rpc-perl`;    # the modules do not tell theirs
    say_line( version => 'Frontier::RPC', $version || 'unknown' );
    my @values = (
        [ int            => 2147483647 ],
        [ negative       => -2147483648 ],
        [ i8             => na => 'integers are <i4>' ],
        [ boolean        => $client->boolean(1), $client->boolean(0) ],
        [ string         => 'hello' ],
        [ markup         => q{a<b>&"c'}, ']]>' ],
        [ unicode        => 'é 日本' ],
        [ astral         => na => 'dies on characters above U+FFFF' ],
        [ 'empty-string' => '' ],
        [ spaces         => "  a\nb  " ],
        [ double         => 0.1, -1234.0625 ],
        [ datetime       => $client->date_time('19980717T14:08:55') ],
        [ base64         => $client->base64( encode_base64 join '', map { chr } 0 .. 255 ) ],
        [ array          => [ 1, 'two', $client->boolean(1) ] ],
        [ 'empty-array'  => [] ],
        [ struct         => { one => 1, two => 'zwei' } ],
        [ 'empty-struct' => {} ],
        [ nested         => { list => [ { deep => [ 1, [ 2, [] ] ] }, 'x' ], struct => { inner => { n => -1 } } } ],
        [ nil            => na => 'there is no nil' ],
    );
    for (@values) {
        my ( $name, @sent ) = @$_;
        if ( $sent[0] eq 'na' ) { na( $name, $sent[1] ); next }
        check $name => sub {
            same( unfolded( $client->call( test => $_ ) ), unfolded($_) ) for @sent;
        };
    }
    check list => sub {
        my %listed = map { $_ => 1 } @{ $client->call('system.listMethods') };
        die "not listed\n" if !$listed{ping} || !$listed{'relay.register'};
    };
    check fault => sub {
        die "no fault\n" if eval { $client->call('no.such'); 1 };
        die $@ if $@ !~ /fault code -32601:/;
    };
    check multicall => sub {
        my $results = $client->call( 'system.multicall' => [
            { methodName => 'ping',    params => [] },
            { methodName => 'test',    params => ['x'] },
            { methodName => 'no.such', params => [] },
        ] );
        my $fault = pop @$results;
        same( $results, [ ['OK'], ['x'] ] );
        same( $fault->{faultCode}, -32601 );
    };
}

# unfolded is a value whose base64 has no line ends.
sub unfolded {
    my $value = shift;
    return $value if ref $value ne 'Frontier::RPC2::Base64';
    return [ ref $value, $value->value =~ s/\s//gr ];
}

# A Daemon serves within its constructor; so it registers when it first waits
# for a connection.
package Satellite;
our @ISA = 'Frontier::Daemon';
my $relay;

sub accept {
    my $self = shift;
    if ( my $url = $relay ) {
        $relay = undef;
        my $me = Frontier::Client->new( url => $url )
            ->call( 'relay.register', { port => $self->sockport, nick => 'perl-frontier' } );
        Checks::say_line( registered => $me );
    }
    return $self->SUPER::accept(@_);
}

package main;

sub satellite {
    $relay = shift;
    serve_until_eof( sub {
        Satellite->new(
            LocalAddr => '127.0.0.1',
            methods   => {
                ping   => sub { 'OK' },
                notify => sub { say_line( notify => $_[0]{host_id}, $_[0]{data}{text} ); 'OK' },
            },
        ) or die "no server: $!";
    } );
}

my ( $command, $url ) = @ARGV;
{ calls => \&calls, satellite => \&satellite }->{$command}->($url);
