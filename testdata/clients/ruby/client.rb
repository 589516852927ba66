# The xmlrpc library of Ruby as a client of co2: client.rb calls|satellite URL
require "xmlrpc"
require "xmlrpc/client"
require "xmlrpc/server"
require "webrick"

$stdout.sync = true

# The library takes nil and integers beyond 32 bit only if told so.
%i[ENABLE_NIL_CREATE ENABLE_NIL_PARSER ENABLE_BIGINT].each do |name|
  XMLRPC::Config.send(:remove_const, name)
  XMLRPC::Config.const_set(name, true)
end

class Calls
  VALUES = {
    "int" => [2147483647],
    "negative" => [-2147483648],
    "i8" => [9007199254740991],
    "boolean" => [true, false],
    "string" => ["hello"],
    "markup" => ["a<b>&\"c'", "]]>"],
    "unicode" => ["é 日本"],
    "astral" => ["😀"],
    "empty-string" => [""],
    "spaces" => ["  a\nb  "],
    "double" => [0.1, -1234.0625],
    "datetime" => [XMLRPC::DateTime.new(1998, 7, 17, 14, 8, 55)],
    "base64" => [XMLRPC::Base64.new((0..255).to_a.pack("C*"))],
    "array" => [[1, "two", true]],
    "empty-array" => [[]],
    "struct" => [{ "one" => 1, "two" => "zwei" }],
    "empty-struct" => [{}],
    "nested" => [{ "list" => [{ "deep" => [1, [2, []]] }, "x"], "struct" => { "inner" => { "n" => -1 } } }],
    "nil" => [nil],
  }

  def initialize(url)
    @client = XMLRPC::Client.new2(url)
  end

  def run
    puts "version xmlrpc #{XMLRPC::VERSION} on Ruby #{RUBY_VERSION}"
    VALUES.each { |name, values| check(name) { values.each { |value| echo(value) } } }
    check("list") { list }
    check("fault") { fault }
    check("multicall") { multicall }
  end

  private

  def check(name)
    yield
    puts "ok #{name}"
  rescue StandardError => e
    puts "no #{name} #{e.class}: #{e.message}".gsub(/\s+/, " ")
  end

  def want(good, got)
    raise "got #{got.inspect}" unless good
  end

  def echo(value)
    got = @client.call("test", value)
    want(plain(got) == plain(sent(value)), got)
  end

  # What comes back of what is sent: base64 arrives as a string of octets.
  def sent(value)
    value.is_a?(XMLRPC::Base64) ? value.decoded : value
  end

  def plain(value)
    [value.class, value.is_a?(XMLRPC::DateTime) ? value.to_a : value]
  end

  def list
    names = @client.call("system.listMethods")
    want(names.include?("relay.register") && names.include?("ping"), names)
  end

  def fault
    @client.call("no.such")
    raise "no fault"
  rescue XMLRPC::FaultException => e
    want(e.faultCode == -32601, e.faultCode)
  end

  def multicall
    pong, echo, fault = got = @client.multicall(["ping"], ["test", "x"], ["no.such"])
    want(got.size == 3 && pong == "OK" && echo == "x", got)
    want(fault.is_a?(XMLRPC::FaultException) && fault.faultCode == -32601, fault)
  end
end

def satellite(url)
  http = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: 0, AccessLog: [],
                                 Logger: WEBrick::Log.new($stderr, WEBrick::Log::ERROR))
  http.mount("/", servlet)
  serving = Thread.new { http.start }
  id = XMLRPC::Client.new2(url).call("relay.register", { "port" => http.config[:Port], "nick" => "ruby" })
  puts "registered #{id}"
  $stdin.read
  http.shutdown
  serving.join
end

def servlet
  XMLRPC::WEBrickServlet.new.tap do |servlet|
    servlet.add_handler("ping") { |*| "OK" }
    servlet.add_handler("notify") do |message|
      puts "notify #{message["host_id"]} #{message["data"]["text"]}"
      "OK"
    end
  end
end

case ARGV
in ["calls", url] then Calls.new(url).run
in ["satellite", url] then satellite(url)
end
