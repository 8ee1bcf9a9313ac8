import java.nio.file.Path;
import java.security.Signature;
import java.util.Arrays;
import org.digidoc4j.Configuration;
import org.digidoc4j.Container;
import org.digidoc4j.ContainerBuilder;
import org.digidoc4j.ContainerOpener;
import org.digidoc4j.DataToSign;
import org.digidoc4j.DigestAlgorithm;
import org.digidoc4j.SignatureBuilder;
import org.digidoc4j.SignatureProfile;
import org.digidoc4j.impl.asic.tsl.TSLCertificateSourceImpl;

/** digidoc4j: an ASiC-E container around the form, or one more signature in a container. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        Jobs.run(arguments, Main::sign);
    }

    private static void sign(Jobs.Job job) throws Exception {
        if (job.visible || job.certify > 0 || job.rewrite) throw new UnsupportedOperationException("containers only");
        Configuration configuration = new Configuration(Configuration.Mode.TEST);
        TSLCertificateSourceImpl trusted = new TSLCertificateSourceImpl();
        for (var each : Arrays.asList(job.chain).subList(1, job.chain.length)) trusted.addTSLCertificate(each);
        configuration.setTSL(trusted);
        configuration.setTspSource(job.tsa);
        configuration.setPreferAiaOcsp(true);
        Path input = job.in;
        boolean container = input.toString().endsWith(".asice");
        Container made = container
                ? ContainerOpener.open(input.toString(), configuration)
                : ContainerBuilder.aContainer(Container.DocumentType.ASICE)
                        .withConfiguration(configuration)
                        .withDataFile(input.toString(), "application/pdf")
                        .build();
        SignatureProfile profile = switch (job.level) {
            case "B" -> SignatureProfile.B_BES;
            case "T" -> SignatureProfile.T;
            case "LT" -> SignatureProfile.LT;
            default -> SignatureProfile.LTA;
        };
        DataToSign data = SignatureBuilder.aSignature(made)
                .withSigningCertificate(job.chain[0])
                .withSignatureDigestAlgorithm(DigestAlgorithm.SHA256)
                .withSignatureProfile(profile)
                .buildDataToSign();
        boolean rsa = job.key.getAlgorithm().equals("RSA");
        Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withPLAIN-ECDSA", "BC");
        signature.initSign(job.key);
        signature.update(data.getDataToSign());
        made.addSignature(data.finalize(signature.sign()));
        made.saveAsFile(job.out.toString());
    }
}
