import com.itextpdf.text.Rectangle;
import com.itextpdf.text.pdf.AcroFields;
import com.itextpdf.text.pdf.PdfReader;
import com.itextpdf.text.pdf.PdfSignatureAppearance;
import com.itextpdf.text.pdf.PdfStamper;
import com.itextpdf.text.pdf.security.BouncyCastleDigest;
import com.itextpdf.text.pdf.security.CrlClientOnline;
import com.itextpdf.text.pdf.security.LtvTimestamp;
import com.itextpdf.text.pdf.security.LtvVerification;
import com.itextpdf.text.pdf.security.MakeSignature;
import com.itextpdf.text.pdf.security.OcspClientBouncyCastle;
import com.itextpdf.text.pdf.security.PrivateKeySignature;
import com.itextpdf.text.pdf.security.TSAClient;
import com.itextpdf.text.pdf.security.TSAClientBouncyCastle;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** iText 5: signature, security store and document stamp each a revision of their own. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        Jobs.run(arguments, Main::sign);
    }

    private static void sign(Jobs.Job job) throws Exception {
        TSAClient tsa = job.stamped() ? new TSAClientBouncyCastle(job.tsa) : null;
        try (OutputStream out = Files.newOutputStream(job.out)) {
            PdfStamper stamper =
                    PdfStamper.createSignature(new PdfReader(job.in.toString()), out, '\0', null, !job.rewrite);
            PdfSignatureAppearance appearance = stamper.getSignatureAppearance();
            appearance.setReason("Parakstu");
            if (job.visible) appearance.setVisibleSignature(new Rectangle(job.left, 60, job.left + 200, 110), 1, null);
            if (job.certify > 0) appearance.setCertificationLevel(job.certify);
            MakeSignature.signDetached(
                    appearance,
                    new BouncyCastleDigest(),
                    new PrivateKeySignature(job.key, "SHA256", null),
                    job.chain, null, null, tsa, 16384, MakeSignature.CryptoStandard.CADES);
        }
        if (job.longTerm()) enclose(job.out);
        if (job.archived()) {
            Path before = moved(job.out);
            try (OutputStream out = Files.newOutputStream(job.out)) {
                PdfStamper stamper = PdfStamper.createSignature(new PdfReader(before.toString()), out, '\0', null, true);
                LtvTimestamp.timestamp(stamper.getSignatureAppearance(), tsa, null);
            }
            Files.delete(before);
        }
    }

    private static void enclose(Path document) throws Exception {
        Path before = moved(document);
        try (OutputStream out = Files.newOutputStream(document)) {
            PdfStamper stamper = new PdfStamper(new PdfReader(before.toString()), out, '\0', true);
            LtvVerification verification = stamper.getLtvVerification();
            AcroFields fields = stamper.getAcroFields();
            String last = fields.getSignatureNames().get(fields.getSignatureNames().size() - 1);
            verification.addVerification(
                    last,
                    new OcspClientBouncyCastle(null),
                    new CrlClientOnline(),
                    LtvVerification.CertificateOption.WHOLE_CHAIN,
                    LtvVerification.Level.OCSP_CRL,
                    LtvVerification.CertificateInclusion.YES);
            verification.merge();
            stamper.close();
        }
        Files.delete(before);
    }

    private static Path moved(Path document) throws Exception {
        return Files.move(document, document.resolveSibling(document.getFileName() + ".before"));
    }
}
