import com.itextpdf.kernel.font.PdfFontFactory;
import com.itextpdf.kernel.geom.Rectangle;
import com.itextpdf.kernel.pdf.PdfDocument;
import com.itextpdf.kernel.pdf.PdfReader;
import com.itextpdf.kernel.pdf.PdfWriter;
import com.itextpdf.kernel.pdf.StampingProperties;
import com.itextpdf.signatures.BouncyCastleDigest;
import com.itextpdf.signatures.CrlClientOnline;
import com.itextpdf.signatures.ITSAClient;
import com.itextpdf.signatures.LtvVerification;
import com.itextpdf.signatures.OcspClientBouncyCastle;
import com.itextpdf.signatures.PdfSigner;
import com.itextpdf.signatures.PrivateKeySignature;
import com.itextpdf.signatures.SignatureUtil;
import com.itextpdf.signatures.TSAClientBouncyCastle;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** iText 7.2 and 8.0. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        Jobs.run(arguments, Main::sign);
    }

    private static StampingProperties properties(boolean rewrite) {
        return rewrite ? new StampingProperties() : new StampingProperties().useAppendMode();
    }

    private static void sign(Jobs.Job job) throws Exception {
        ITSAClient tsa = job.stamped() ? new TSAClientBouncyCastle(job.tsa) : null;
        try (OutputStream out = Files.newOutputStream(job.out)) {
            PdfSigner signer = new PdfSigner(new PdfReader(job.in.toString()), out, properties(job.rewrite));
            signer.getSignatureAppearance().setReason("Parakstu");
            if (job.visible) {
                signer.getSignatureAppearance()
                        .setLayer2Font(PdfFontFactory.createFont(System.getenv("SIGNERS_FONT"), "Identity-H"));
                signer.getSignatureAppearance().setPageNumber(1).setPageRect(new Rectangle(job.left, 60, 200, 50));
            }
            if (job.certify > 0) signer.setCertificationLevel(job.certify);
            signer.signDetached(
                    new BouncyCastleDigest(),
                    new PrivateKeySignature(job.key, "SHA256", "BC"),
                    job.chain, null, null, tsa, 16384, PdfSigner.CryptoStandard.CADES);
        }
        if (job.longTerm()) enclose(job.out);
        if (job.archived()) {
            Path before = moved(job.out);
            try (OutputStream out = Files.newOutputStream(job.out)) {
                new PdfSigner(new PdfReader(before.toString()), out, properties(false)).timestamp(tsa, null);
            }
            Files.delete(before);
        }
    }

    private static void enclose(Path document) throws Exception {
        Path before = moved(document);
        try (PdfDocument pdf = new PdfDocument(
                new PdfReader(before.toString()), new PdfWriter(document.toString()), properties(false))) {
            LtvVerification verification = new LtvVerification(pdf);
            List<String> names = new SignatureUtil(pdf).getSignatureNames();
            verification.addVerification(
                    names.get(names.size() - 1),
                    new OcspClientBouncyCastle(null),
                    new CrlClientOnline(),
                    LtvVerification.CertificateOption.WHOLE_CHAIN,
                    LtvVerification.Level.OCSP_CRL,
                    LtvVerification.CertificateInclusion.YES);
            verification.merge();
        }
        Files.delete(before);
    }

    private static Path moved(Path document) throws Exception {
        return Files.move(document, document.resolveSibling(document.getFileName() + ".before"));
    }
}
