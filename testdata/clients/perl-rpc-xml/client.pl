# Drives RPC::XML's client and server.
use strict;
use warnings;
use utf8;
use Checks;
use RPC::XML;
use RPC::XML::Client;
use RPC::XML::Server;

$RPC::XML::ALLOW_NIL = 1;    # the encoding stays its us-ascii

my @VALUES = (
    [ int            => RPC::XML::int->new(2147483647) ],
    [ negative       => RPC::XML::int->new(-2147483648) ],
    [ i8             => RPC::XML::i8->new('9007199254740991') ],
    [ boolean        => map { RPC::XML::boolean->new($_) } 1, 0 ],
    [ string         => RPC::XML::string->new('hello') ],
    [ markup         => map { RPC::XML::string->new($_) } q{a<b>&"c'}, ']]>' ],
    [ unicode        => RPC::XML::string->new('é 日本') ],
    [ astral         => RPC::XML::string->new('😀') ],
    [ 'empty-string' => RPC::XML::string->new('') ],
    [ spaces         => RPC::XML::string->new("  a\nb  ") ],
    [ double         => map { RPC::XML::double->new($_) } 0.1, -1234.0625 ],
    [ datetime       => RPC::XML::datetime_iso8601->new('19980717T14:08:55') ],
    [ base64         => RPC::XML::base64->new( join '', map { chr } 0 .. 255 ) ],
    [ array          => RPC::XML::array->new( 1, 'two', RPC::XML::boolean->new(1) ) ],
    [ 'empty-array'  => RPC::XML::array->new( from => [] ) ],
    [ struct         => RPC::XML::struct->new( { one => 1, two => 'zwei' } ) ],
    [ 'empty-struct' => RPC::XML::struct->new( {} ) ],
    [ nested         => RPC::XML::struct->new( { list => [ { deep => [ 1, [ 2, [] ] ] }, 'x' ], struct => { inner => { n => -1 } } } ) ],
    [ nil            => RPC::XML::nil->new ],
);

sub calls {
    my $client = RPC::XML::Client->new(shift);
    say_line( version => 'RPC::XML', $RPC::XML::VERSION );
    my $call = sub {
        my $result = $client->send_request(@_);
        ref $result ? $result : die "$result\n";
    };
    for (@VALUES) {
        my ( $name, @values ) = @$_;
        $client->compress_requests( $name eq 'base64' );    # deflate
        $client->compress_thresh( $name eq 'base64' ? 1 : 4096 );
        check $name => sub {
            same( simple( $call->( test => $_ ) ), simple($_) ) for @values;
        };
    }
    check list => sub {
        my %listed = map { $_ => 1 } @{ $call->('system.listMethods')->value };
        die "not listed\n" if !$listed{ping} || !$listed{'relay.register'};
    };
    check fault => sub { wants_fault( $call->('no.such') ) };
    check multicall => sub {
        my $results = $call->( 'system.multicall' => [
            { methodName => 'ping',    params => [] },
            { methodName => 'test',    params => ['x'] },
            { methodName => 'no.such', params => [] },
        ] )->value;
        my $fault = pop @$results;
        same( $results, [ ['OK'], ['x'] ] );
        same( $fault->{faultCode}, -32601 );
    };
}

# simple is a value with its types, whichever class of integer it has.
sub simple {
    my $value = shift;
    return [ $value->type, map { simple($_) } @$value ] if $value->isa('RPC::XML::array');
    return [ $value->type, { map { $_ => simple( $value->{$_} ) } keys %$value } ] if $value->isa('RPC::XML::struct');
    return [ $value->type, $value->value ];
}

sub wants_fault {
    my $result = shift;
    die "no fault\n" if !$result->is_fault;
    same( $result->code, -32601 );
}

sub satellite {
    my $url = shift;
    serve_until_eof( sub {
        my $server = RPC::XML::Server->new( host => '127.0.0.1', port => 0, no_default => 1 );
        ref $server or die $server;
        $server->add_procedure( { name => 'ping', signature => ['string'], code => sub { 'OK' } } );
        $server->add_procedure( {
            name      => 'notify',
            signature => ['string struct'],
            code      => sub { say_line( notify => $_[0]{host_id}, $_[0]{data}{text} ); 'OK' },
        } );
        my ($port) = $server->url =~ /:(\d+)/;
        my $me = RPC::XML::Client->new($url)->simple_request( 'relay.register', { port => $port, nick => 'perl-rpc-xml' } );
        say_line( registered => $me );
        $server->server_loop;
    } );
}

my ( $command, $url ) = @ARGV;
{ calls => \&calls, satellite => \&satellite }->{$command}->($url);
