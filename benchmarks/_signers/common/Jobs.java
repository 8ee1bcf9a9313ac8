import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;

/** One line of the jobs file, tab separated, is one signature; each is answered by one line on stdout. */
public final class Jobs {
    /** What one program does with one job. */
    public interface Program {
        void sign(Job job) throws Exception;
    }

    /** A signature to make. `certify` is 0, or the DocMDP permission; `rewrite` asks for a file saved anew. */
    public static final class Job {
        public final String name, level;
        public final Path in, out;
        public final boolean visible, rewrite;
        public final int left;
        public final int certify;
        public final String tsa;
        public final PrivateKey key;
        public final X509Certificate[] chain;

        Job(String[] field, String tsa) throws Exception {
            name = field[0];
            in = Path.of(field[1]);
            out = Path.of(field[2]);
            level = field[3];
            visible = !field[4].equals("invisible");
            left = field[4].equals("beside") ? 320 : 60;
            certify = Integer.parseInt(field[5]);
            rewrite = field[6].equals("rewrite");
            this.tsa = tsa;
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(Files.readAllBytes(Path.of(field[7]))), "demo".toCharArray());
            String alias = store.aliases().nextElement();
            key = (PrivateKey) store.getKey(alias, "demo".toCharArray());
            Certificate[] certificates = store.getCertificateChain(alias);
            chain = Arrays.copyOf(certificates, certificates.length, X509Certificate[].class);
        }

        public boolean stamped() {
            return !level.equals("B");
        }

        public boolean longTerm() {
            return level.startsWith("LT");
        }

        public boolean archived() {
            return level.equals("LTA");
        }
    }

    private Jobs() {}

    /** Arguments: the jobs file, the address of the time-stamping unit. */
    public static void run(String[] arguments, Program program) throws Exception {
        java.security.Security.addProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider());
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] field = line.split("\t", -1);
            try {
                program.sign(new Job(field, arguments[1]));
                System.out.println(field[0] + "\tok");
            } catch (Exception | LinkageError fault) {
                Files.deleteIfExists(Path.of(field[2]));
                System.out.println(field[0] + "\t" + String.valueOf(fault).replaceAll("\\s+", " "));
                if (System.getenv("SIGNERS_TRACE") != null) fault.printStackTrace();
            }
        }
        System.exit(0);
    }
}
