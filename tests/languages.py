"""The same invented news in many languages, written by hand: three sentences each, the first of them the news."""

from __future__ import annotations

ENGLISH = (
    "The city council decided on Monday to close the old bridge over the river to lorries until spring. Several of "
    "its pillars are damaged, and a repair would cost about four million euros. People who live nearby have asked "
    "for a new solution for years."
)
#: Languages that the embedded model has not learnt, in a script that it can read.
UNLEARNT = {
    "de": "Der Stadtrat hat am Montag beschlossen, die alte Brücke über den Fluss bis zum Frühjahr für Lastwagen zu "
    "sperren. Mehrere Pfeiler sind beschädigt, und eine Reparatur würde rund vier Millionen Euro kosten. Die "
    "Anwohner fordern seit Jahren eine neue Lösung für den Verkehr.",
    "es": "El ayuntamiento decidió el lunes cerrar el viejo puente sobre el río a los camiones hasta la primavera. "
    "Varios pilares están dañados y la reparación costaría unos cuatro millones de euros. Los vecinos piden desde "
    "hace años una nueva solución para el tráfico.",
    "fr": "Le conseil municipal a décidé lundi de fermer le vieux pont sur la rivière aux camions jusqu'au "
    "printemps. Plusieurs piliers sont endommagés et la réparation coûterait environ quatre millions d'euros. Les "
    "habitants demandent depuis des années une nouvelle solution pour la circulation.",
    "it": "Il consiglio comunale ha deciso lunedì di chiudere ai camion il vecchio ponte sul fiume fino alla "
    "primavera. Diversi piloni sono danneggiati e la riparazione costerebbe circa quattro milioni di euro. Da anni "
    "gli abitanti chiedono una nuova soluzione per il traffico.",
    "pt": "A câmara municipal decidiu na segunda-feira fechar a velha ponte sobre o rio aos camiões até à primavera. "
    "Vários pilares estão danificados e a reparação custaria cerca de quatro milhões de euros. Os moradores pedem há "
    "anos uma nova solução para o trânsito.",
    "nl": "De gemeenteraad heeft maandag besloten de oude brug over de rivier tot het voorjaar af te sluiten voor "
    "vrachtwagens. Verschillende pijlers zijn beschadigd en een reparatie zou ongeveer vier miljoen euro kosten. De "
    "bewoners vragen al jaren om een nieuwe oplossing voor het verkeer.",
    "pl": "Rada miasta zdecydowała w poniedziałek o zamknięciu starego mostu na rzece dla ciężarówek do wiosny. "
    "Kilka filarów jest uszkodzonych, a naprawa kosztowałaby około czterech milionów euro. Mieszkańcy od lat "
    "domagają się nowego rozwiązania dla ruchu.",
    "tr": "Belediye meclisi pazartesi günü nehir üzerindeki eski köprünün ilkbahara kadar kamyonlara kapatılmasına "
    "karar verdi. Birkaç ayak hasarlı ve onarım yaklaşık dört milyon avroya mal olacak. Mahalle sakinleri yıllardır "
    "trafik için yeni bir çözüm istiyor.",
    "id": "Dewan kota memutuskan pada hari Senin untuk menutup jembatan tua di atas sungai bagi truk sampai musim "
    "semi. Beberapa tiang rusak dan perbaikan akan menelan biaya sekitar empat juta euro. Warga sudah bertahun-tahun "
    "meminta jalan keluar baru bagi lalu lintas.",
}
#: Languages in a script that the embedded model cannot read.
UNREADABLE = {
    "zh": "市议会星期一决定，在春天以前禁止卡车通过河上的旧桥。几个桥墩已经损坏，修理大约需要四百万欧元。附近的居民多"
    "年来一直要求有新的办法。",
    "ja": "市議会は月曜日、川にかかる古い橋を春までトラック通行止めにすることを決めた。橋脚の何本かが傷んでおり、修理"
    "には約四百万ユーロかかる。近くの住民は何年も前から新しい解決策を求めている。",
    "th": "สภาเมืองมีมติเมื่อวันจันทร์ให้ปิดสะพานเก่าข้ามแม่น้ำสำหรับรถบรรทุกจนถึงฤดูใบไม้ผลิ เสาหลายต้นเสียหายและการ"
    "ซ่อมแซมจะใช้เงินราวสี่ล้านยูโร ชาวบ้านขอทางออกใหม่มาหลายปีแล้ว",
    "ar": "قرر مجلس المدينة يوم الاثنين إغلاق الجسر القديم فوق النهر أمام الشاحنات حتى الربيع. تضررت عدة أعمدة "
    "وستكلف الإصلاحات نحو أربعة ملايين يورو. يطالب السكان منذ سنوات بحل جديد لحركة المرور.",
    "ru": "Городской совет решил в понедельник закрыть старый мост через реку для грузовиков до весны. Несколько "
    "опор повреждены, и ремонт обойдётся примерно в четыре миллиона евро. Жители уже много лет просят найти новое "
    "решение.",
}
UNSPACED = ("zh", "ja", "th")  # scripts that put no spaces between words
