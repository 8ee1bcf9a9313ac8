import java.io.InputStream;
import java.math.BigInteger;
import java.net.HttpURLConnection;
import java.net.URL;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationStore;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;

/** A detached CAdES signature for PDF libraries that leave the CMS to their caller (EN 319 142-1 §6.3). */
public final class Cms {
    private Cms() {}

    public static byte[] sign(InputStream document, Jobs.Job job) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(job.chain[0].getEncoded());
        Hashtable<Object, Object> own = new Hashtable<>();
        Attribute certificate = new Attribute(
                PKCSObjectIdentifiers.id_aa_signingCertificateV2,
                new DERSet(new SigningCertificateV2(new ESSCertIDv2[] {new ESSCertIDv2(digest)})));
        own.put(certificate.getAttrType(), certificate);
        JcaSignerInfoGeneratorBuilder builder =
                new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build());
        builder.setSignedAttributeGenerator(parameters -> new DefaultSignedAttributeTableGenerator(
                        new AttributeTable(own))
                .getAttributes(parameters)
                .remove(CMSAttributes.signingTime));
        String algorithm = job.key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(
                builder.build(new JcaContentSignerBuilder(algorithm).build(job.key), job.chain[0]));
        generator.addCertificates(new JcaCertStore(Arrays.asList(job.chain)));
        CMSSignedData signed = generator.generate(new CMSProcessableByteArray(document.readAllBytes()), false);
        return (job.stamped() ? stamped(signed, job.tsa) : signed).getEncoded("DER");
    }

    private static CMSSignedData stamped(CMSSignedData signed, String tsa) throws Exception {
        List<SignerInformation> signers = new ArrayList<>();
        for (SignerInformation signer : signed.getSignerInfos().getSigners()) {
            byte[] token = stamp(signer.getSignature(), tsa);
            Attribute attribute = new Attribute(
                    PKCSObjectIdentifiers.id_aa_signatureTimeStampToken,
                    new DERSet(ASN1Primitive.fromByteArray(token)));
            Hashtable<Object, Object> unsigned = new Hashtable<>();
            unsigned.put(attribute.getAttrType(), attribute);
            signers.add(SignerInformation.replaceUnsignedAttributes(signer, new AttributeTable(unsigned)));
        }
        return CMSSignedData.replaceSigners(signed, new SignerInformationStore(signers));
    }

    private static byte[] stamp(byte[] over, String tsa) throws Exception {
        TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
        generator.setCertReq(true);
        TimeStampRequest request = generator.generate(
                TSPAlgorithms.SHA256,
                MessageDigest.getInstance("SHA-256").digest(over),
                new BigInteger(62, new SecureRandom()));
        HttpURLConnection connection = (HttpURLConnection) new URL(tsa).openConnection();
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/timestamp-query");
        connection.getOutputStream().write(request.getEncoded());
        TimeStampResponse response = new TimeStampResponse(connection.getInputStream().readAllBytes());
        response.validate(request);
        return response.getTimeStampToken().getEncoded();
    }
}
