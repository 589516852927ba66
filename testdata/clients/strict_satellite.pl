#!/usr/bin/env perl
# A satellite on Perl's Frontier::Daemon: strict_satellite.pl RELAY_URL DIALECT
use strict;
use warnings;
use Frontier::Client;

binmode STDOUT, ':utf8';
$| = 1;

sub show {
    my ($v) = @_;
    return '{' . join( ', ', map { "$_: " . show( $v->{$_} ) } sort keys %$v ) . '}' if ref $v eq 'HASH';
    return '[' . join( ', ', map { show($_) } @$v ) . ']' if ref $v eq 'ARRAY';
    return ref $v ? $v->value : "'$v'";
}

# Frontier::Daemon listens and serves in its constructor; the first accept is
# when its port is known.
package Satellite {
    use parent 'Frontier::Daemon';
    my $registered;

    sub accept {
        my $self = shift;
        my ( $url, $dialect ) = @ARGV;
        $registered //= do {
            my $relay = Frontier::Client->new( url => "$url/RPC2" );
            my $id = $relay->call( 'relay.register', { port => $self->sockport, dialect => $relay->string($dialect) } );
            print "registered as $id\n";
        };
        return $self->SUPER::accept(@_);
    }
}

Satellite->new(
    LocalAddr => '127.0.0.1',
    methods   => {
        ping   => sub { 'OK' },
        notify => sub { print 'notify ', show( $_[0]{data} ), "\n"; 'OK' },
    },
);
