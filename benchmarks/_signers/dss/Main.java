import eu.europa.esig.dss.enumerations.CertificationPermission;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.InMemoryDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.SignatureFieldParameters;
import eu.europa.esig.dss.pades.SignatureImageParameters;
import eu.europa.esig.dss.pades.SignatureImageTextParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.http.commons.TimestampDataLoader;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.service.tsp.OnlineTSPSource;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.aia.DefaultAIASource;
import java.nio.file.Files;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;

/** EU DSS, writing with PDFBox or with OpenPDF: whichever is on the class path. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        Jobs.run(arguments, Main::sign);
    }

    private static void sign(Jobs.Job job) throws Exception {
        if (job.rewrite) throw new UnsupportedOperationException("always appends");
        List<CertificateToken> chain = new ArrayList<>();
        for (var each : job.chain) chain.add(new CertificateToken(each));
        PAdESSignatureParameters wishes = new PAdESSignatureParameters();
        wishes.setSigningCertificate(chain.get(0));
        wishes.setCertificateChain(chain);
        wishes.setDigestAlgorithm(DigestAlgorithm.SHA256);
        wishes.setSignatureLevel(SignatureLevel.valueOf("PAdES_BASELINE_" + job.level));
        wishes.setReason("Parakstu");
        if (job.certify > 0) wishes.setPermission(CertificationPermission.fromCode(job.certify));
        if (job.visible) wishes.setImageParameters(picture(job.left));

        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(chain.get(chain.size() - 1));
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setOcspSource(new OnlineOCSPSource());
        verifier.setCrlSource(new OnlineCRLSource());
        verifier.setAIASource(new DefaultAIASource());
        PAdESService service = new PAdESService(verifier);
        service.setTspSource(new OnlineTSPSource(job.tsa, new TimestampDataLoader()));

        DSSDocument document = new InMemoryDocument(Files.readAllBytes(job.in), "form.pdf");
        byte[] data = service.getDataToSign(document, wishes).getBytes();
        SignatureAlgorithm algorithm = wishes.getSignatureAlgorithm();
        Signature signature = Signature.getInstance(algorithm.getJCEId());
        signature.initSign(job.key);
        signature.update(data);
        DSSDocument signed =
                service.signDocument(document, wishes, new SignatureValue(algorithm, signature.sign()));
        signed.save(job.out.toString());
    }

    private static SignatureImageParameters picture(int left) {
        SignatureFieldParameters field = new SignatureFieldParameters();
        field.setPage(1);
        field.setOriginX(left);
        field.setOriginY(700);
        field.setWidth(200);
        field.setHeight(50);
        SignatureImageTextParameters text = new SignatureImageTextParameters();
        text.setText("Parakstu");
        SignatureImageParameters picture = new SignatureImageParameters();
        picture.setFieldParameters(field);
        picture.setTextParameters(text);
        return picture;
    }
}
