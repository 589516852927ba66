# Drives XMLRPC::Lite's client and server.
use strict;
use warnings;
use utf8;
use Checks;
use XMLRPC::Lite;
use XMLRPC::Transport::HTTP;

sub typed { SOAP::Data->type(@_) }

my @VALUES = (
    [ int            => 2147483647 ],
    [ negative       => -2147483648 ],
    [ i8             => na => 'integers are <int>' ],
    [ boolean        => typed( boolean => 1 ), typed( boolean => 0 ) ],
    [ string         => 'hello' ],
    [ markup         => q{a<b>&"c'}, ']]>' ],
    [ unicode        => typed( string => 'é 日本' ) ],
    [ astral         => typed( string => '😀' ) ],
    [ 'empty-string' => '' ],
    [ spaces         => "  a\nb  " ],
    [ double         => 0.1, -1234.0625 ],
    [ datetime       => '19980717T14:08:55' ],
    [ base64         => join '', map { chr } 0 .. 255 ],
    [ array          => [ 1, 'two', typed( boolean => 1 ) ] ],
    [ 'empty-array'  => [] ],
    [ struct         => { one => 1, two => 'zwei' } ],
    [ 'empty-struct' => {} ],
    [ nested         => { list => [ { deep => [ 1, [ 2, [] ] ] }, 'x' ], struct => { inner => { n => -1 } } } ],
    [ nil            => na => 'undef is sent as <value/>, the empty string' ],
);

sub calls {
    my $client = XMLRPC::Lite->proxy( shift, options => { compress_threshold => 450 } );
    say_line( version => 'XMLRPC::Lite', $XMLRPC::Lite::VERSION );
    my $call = sub {
        my $answer = $client->call(@_);
        die $client->transport->status . "\n" if !ref $answer;
        die $answer->faultcode . "\n" if $answer->fault;
        $answer->result;
    };
    for (@VALUES) {
        my ( $name, @values ) = @$_;
        if ( $values[0] eq 'na' ) { na( $name, $values[1] ); next }
        check $name => sub {
            same( $call->( test => $_ ), untyped($_) ) for @values;
        };
    }
    check list => sub {
        my %listed = map { $_ => 1 } @{ $call->('system.listMethods') };
        die "not listed\n" if !$listed{ping} || !$listed{'relay.register'};
    };
    check fault => sub {
        die "no fault\n" if eval { $call->('no.such'); 1 };
        same( $@, "-32601\n" );
    };
    check multicall => sub {
        my $results = $call->( 'system.multicall' => [
            { methodName => 'ping',    params => [] },
            { methodName => 'test',    params => ['x'] },
            { methodName => 'no.such', params => [] },
        ] );
        my $fault = pop @$results;
        same( $results, [ ['OK'], ['x'] ] );
        same( $fault->{faultCode}, -32601 );
    };
}

# untyped is a value as the library gives it: without types.
sub untyped {
    my $value = shift;
    return [ map { untyped($_) } @$value ] if ref $value eq 'ARRAY';
    return ref $value eq 'SOAP::Data' ? $value->value : $value;
}

sub ping { 'OK' }

sub notify {
    my ( undef, $message ) = @_;
    say_line( notify => $message->{host_id}, $message->{data}{text} );
    'OK';
}

sub satellite {
    my $url = shift;
    serve_until_eof( sub {
        my $server = XMLRPC::Transport::HTTP::Daemon->new( LocalAddr => '127.0.0.1', LocalPort => 0 )
            ->dispatch_to( 'ping', 'notify' );
        my ($port) = $server->url =~ /:(\d+)/;
        my $me = XMLRPC::Lite->proxy($url)
            ->call( 'relay.register', { port => $port, nick => 'perl-xmlrpc-lite' } )->result;
        say_line( registered => $me );
        $server->handle;
    } );
}

my ( $command, $url ) = @ARGV;
{ calls => \&calls, satellite => \&satellite }->{$command}->($url);
