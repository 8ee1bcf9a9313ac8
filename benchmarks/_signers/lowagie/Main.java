import com.lowagie.text.Rectangle;
import com.lowagie.text.pdf.PdfDate;
import com.lowagie.text.pdf.PdfDictionary;
import com.lowagie.text.pdf.PdfName;
import com.lowagie.text.pdf.PdfReader;
import com.lowagie.text.pdf.PdfSignature;
import com.lowagie.text.pdf.PdfSignatureAppearance;
import com.lowagie.text.pdf.PdfStamper;
import com.lowagie.text.pdf.PdfString;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Calendar;
import java.util.HashMap;

/** iText 2.1.7, OpenPDF 1.3 and 2.0: one interface, three programs. */
public final class Main {
    private static final int RESERVED = 16384;

    public static void main(String[] arguments) throws Exception {
        Jobs.run(arguments, Main::sign);
    }

    private static void sign(Jobs.Job job) throws Exception {
        if (job.longTerm()) throw new UnsupportedOperationException("no level above T");
        PdfReader reader = new PdfReader(job.in.toString());
        try (OutputStream out = Files.newOutputStream(job.out)) {
            PdfStamper stamper = PdfStamper.createSignature(reader, out, '\0', null, !job.rewrite);
            PdfSignatureAppearance appearance = stamper.getSignatureAppearance();
            appearance.setCrypto(null, job.chain, null, PdfSignatureAppearance.SELF_SIGNED);
            appearance.setSignDate(Calendar.getInstance());
            if (job.visible) appearance.setVisibleSignature(new Rectangle(job.left, 60, job.left + 200, 110), 1, null);
            if (job.certify > 0) appearance.setCertificationLevel(job.certify);
            PdfSignature dictionary = new PdfSignature(PdfName.ADOBE_PPKLITE, new PdfName("ETSI.CAdES.detached"));
            dictionary.setDate(new PdfDate(appearance.getSignDate()));
            dictionary.setReason("Parakstu");
            appearance.setCryptoDictionary(dictionary);
            HashMap<Object, Object> sizes = new HashMap<>();
            sizes.put(PdfName.CONTENTS, RESERVED * 2 + 2);
            appearance.preClose((HashMap) sizes);
            byte[] cms = Cms.sign(appearance.getRangeStream(), job);
            PdfDictionary update = new PdfDictionary();
            update.put(PdfName.CONTENTS, new PdfString(Arrays.copyOf(cms, RESERVED)).setHexWriting(true));
            appearance.close(update);
        }
    }
}
