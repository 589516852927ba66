import de.timroes.axmlrpc.XMLRPCClient;
import de.timroes.axmlrpc.XMLRPCServerException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** aXMLRPC as a client of co2: Client calls|satellite URL. */
public class Client {
	private static final PrintStream OUT =
		new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

	private final XMLRPCClient client;

	/** A check throws what is wrong. */
	private interface Check {
		void run() throws Exception;
	}

	private Client(String url) throws Exception {
		client = new XMLRPCClient(new URL(url), XMLRPCClient.FLAGS_8BYTE_INT | XMLRPCClient.FLAGS_NIL);
	}

	public static void main(String[] args) throws Exception {
		if (args[0].equals("satellite")) {
			OUT.println("na satellite aXMLRPC has no server");
			return;
		}
		OUT.println("version aXMLRPC " + version() + " on Java " + Runtime.version());
		new Client(args[1]).calls();
	}

	private static String version() throws IOException {
		Properties told = new Properties();
		try (InputStream in = XMLRPCClient.class.getResourceAsStream("/META-INF/maven/fr.turri/aXMLRPC/pom.properties")) {
			told.load(in);
		}
		return told.getProperty("version");
	}

	private void calls() {
		values().forEach((name, list) -> check(name, () -> {
			for (Object value : list) {
				Object got = client.call("test", value);
				want(same(value, got), got);
			}
		}));
		check("list", this::list);
		check("fault", this::fault);
		check("multicall", this::multicall);
	}

	private static Map<String, Object[]> values() {
		byte[] octets = new byte[256];
		for (int i = 0; i < octets.length; i++) {
			octets[i] = (byte) i;
		}
		Date date = new GregorianCalendar(1998, 6, 17, 14, 8, 55).getTime();
		Map<String, Object[]> values = new LinkedHashMap<>();
		values.put("int", new Object[] {Integer.MAX_VALUE});
		values.put("negative", new Object[] {Integer.MIN_VALUE});
		values.put("i8", new Object[] {9007199254740991L});
		values.put("boolean", new Object[] {true, false});
		values.put("string", new Object[] {"hello"});
		values.put("markup", new Object[] {"a<b>&\"c'", "]]>"});
		values.put("unicode", new Object[] {"é 日本"});
		values.put("astral", new Object[] {"😀"});
		values.put("empty-string", new Object[] {""});
		values.put("spaces", new Object[] {"  a\nb  "});
		values.put("double", new Object[] {0.1, -1234.0625});
		values.put("datetime", new Object[] {date});
		values.put("base64", new Object[] {octets});
		values.put("array", new Object[] {new Object[] {1, "two", true}});
		values.put("empty-array", new Object[] {new Object[] {}});
		values.put("struct", new Object[] {members("one", 1, "two", "zwei")});
		values.put("empty-struct", new Object[] {Map.of()});
		values.put("nested", new Object[] {members(
			"list", new Object[] {Map.of("deep", new Object[] {1, new Object[] {2, new Object[] {}}}), "x"},
			"struct", Map.of("inner", Map.of("n", -1)))});
		values.put("nil", new Object[] {null});
		return values;
	}

	/** A map that keeps its order, unlike Map.of. */
	private static Map<String, Object> members(String one, Object first, String two, Object second) {
		Map<String, Object> members = new LinkedHashMap<>();
		members.put(one, first);
		members.put(two, second);
		return members;
	}

	private static void check(String name, Check check) {
		try {
			check.run();
			OUT.println("ok " + name);
		} catch (Exception e) {
			OUT.println(("no " + name + " " + e).replaceAll("\\s+", " "));
		}
	}

	private static void want(boolean good, Object got) throws Exception {
		if (!good) {
			throw new Exception("got " + Arrays.deepToString(new Object[] {got}));
		}
	}

	/** Says whether two values are equal, arrays inside maps included. */
	private static boolean same(Object a, Object b) {
		if (!(a instanceof Map) || !(b instanceof Map)) {
			return a instanceof Object[] && b instanceof Object[]
				? sameItems((Object[]) a, (Object[]) b)
				: Arrays.deepEquals(new Object[] {a}, new Object[] {b});
		}
		Map<?, ?> m = (Map<?, ?>) a;
		Map<?, ?> n = (Map<?, ?>) b;
		return m.keySet().equals(n.keySet()) && m.keySet().stream().allMatch(key -> same(m.get(key), n.get(key)));
	}

	private static boolean sameItems(Object[] a, Object[] b) {
		for (int i = 0; i < Math.min(a.length, b.length); i++) {
			if (!same(a[i], b[i])) {
				return false;
			}
		}
		return a.length == b.length;
	}

	private void list() throws Exception {
		List<Object> names = Arrays.asList((Object[]) client.call("system.listMethods"));
		want(names.contains("relay.register") && names.contains("ping"), names);
	}

	private void fault() throws Exception {
		try {
			want(false, client.call("no.such"));
		} catch (XMLRPCServerException e) {
			want(e.getErrorNr() == -32601, e.getErrorNr());
		}
	}

	private void multicall() throws Exception {
		Object[] batch = {
			members("methodName", "ping", "params", new Object[] {}),
			members("methodName", "test", "params", new Object[] {"x"}),
			members("methodName", "no.such", "params", new Object[] {}),
		};
		Object[] got = (Object[]) client.call("system.multicall", (Object) batch);
		want(got.length == 3 && same(got[0], new Object[] {"OK"}) && same(got[1], new Object[] {"x"}), got);
		want(got[2] instanceof Map && Integer.valueOf(-32601).equals(((Map<?, ?>) got[2]).get("faultCode")), got[2]);
	}
}
