package nlu

// conceptWords is one concept in three languages. A star ends a stem, "_" joins a phrase.
type conceptWords struct {
	c          concept
	es, en, pt string
}

func (l *lexicon) addConcepts() {
	for _, list := range [...][]conceptWords{bookingWords, requestWords, talkWords, houseWords, serviceWords} {
		for _, r := range list {
			l.concept(spanish, r.c, r.es)
			l.concept(english, r.c, r.en)
			l.concept(portuguese, r.c, r.pt)
		}
	}
}

var bookingWords = []conceptWords{
	{cBook, "reservar reservarme reservame reserveme reservanos reservo reservamos reservaria reservas_me reservá alquilar rentar agendar agendame apartar apartame hacer_una_reserva hacer_una_reservacion hacer_reserva hacer_la_reserva tomar_una_habitacion",
		"book reserve rebook rent make_a_reservation make_a_booking make_reservation make_the_reservation make_the_booking set_up_a_reservation", "reservar reserve_me fazer_uma_reserva fazer_reserva marcar agendar alugar"},
	{cBooking, "reserva reservas reservacion reservaciones booking estadia estancia", "reservation reservations booking bookings", "reserva reservas estadia"},
	{cRoom, "habitacion habitaciones pieza piezas cuarto cuartos recamara recamaras dormitorio hab habs depto departamento cabana aposento alojamiento hospedaje", "room rooms bedroom bedrooms accommodation accommodations accomodation apartment cabin lodging hotel_room", "quarto quartos apartamento acomodacao hospedagem"},
	{cRoomKind, "doble dobles simple simples sencilla single individual triple triples cuadruple suite suites matrimonial matrimoniales familiar twin superior deluxe estandar", "double single twin triple quad suite queen king deluxe family_room", "duplo dupla casal solteiro triplo suite"},
	{cStay, "alojar* hosped* quedarnos quedarme quedar quedamos parar dormir pernoctar pasar_la_noche", "stay staying sleep stays", "hospedar* ficar ficaremos ficarei dormir pernoitar"},
	{cAvail, "dispon* lugar lugares libre libres vacante* cupo cupos vacancia", "availab* vacanc* free_room free_rooms rooms_free any_rooms rooms_left have_a_room vacant openings", "dispon* vaga vagas livre livres"},
	{cPrice, "precio* tarifa* costo* valor valores presupuesto cotiz* cuesta cuestan costaria salen_las sale_la cuanto_sale cuanto_cuesta cuanto_vale cuanto_es cuanto_seria cuanto_cobran que_precio precio_total cuanto_esta cuanto_estan saldria cuanto_me_sale a_cuanto cuanto_queda cuanto_era cuanto_fue el_total promo promocion promociones descuento oferta ofertas", "price* pricing cost costs rate rates fee fees how_much quote charge tariff cheap cheaper cheapest total_price discount discounts promo deal deals", "preco* tarifa* valor valores diaria quanto_custa quanto_sai quanto_fica quanto_e orcamento custa custo"},
	{cHowMuch, "cuanto cuanta cuantos", "how_much", "quanto"},
	{cCancel, "cancel* anular anul* dar_de_baja desist*", "cancel* cancellation call_off", "cancel* desmarcar anular"},
	{cModify, "cambiar cambi* modific* mover pasar_la_reserva correr_la_reserva posterg* adelant* reprogram* aplazar actualizar agregar_una_noche agregar sumar ampliar move_mi moveme movela mudar_mi pasar_mi pasa_mi pasala_al pasala_para correr_mi corre_mi", "change changing modif* reschedul* move_my move_the amend alter update switch postpone edit rebook rebooking upgrade shift put_more add_more add_another", "mudar mudanca alterar alterac* modific* adiar antecip* remarcar trocar"},
	{cExtend, "extender extend* alargar prolong* quedarme_mas quedarnos_mas noche_mas noches_mas otra_noche mas_noches dia_mas dias_mas quedar_mas mas_larga mas_dias", "extend extending prolong longer another_night extra_night extra_days extra_nights few_more reservation_longer more_nights one_more_night stay_longer additional_night", "estender prolongar ficar_mais outra_noite mais_uma_noite mais_noites"},
	{cStatus, "estado confirmada confirmado confirmaron tengo_una_reserva hice_una_reserva tenemos_una_reserva ya_reserve detalles_de_mi datos_de_mi consultar ver_mi localizador encontrar_mi buscar_mi", "status details look_up find_my view_my see_my check_my have_a_booking have_a_reservation got_a_reservation got_a_booking made_a_booking made_a_reservation made_one_booking current_booking confirmed went_through existing_booking", "status tenho_uma_reserva fiz_uma_reserva confirmada confirmado detalhes consultar ver_minha"},
	{cGroup, "grupo grupos contingente delegacion", "group groups", "grupo grupos"},
	{cChildren, "nino ninos nina ninas chico chicos chica chicas nene nenes nena nenas bebe bebes menor menores infante hijo hijos hija hijas", "child children kid kids baby babies infant infants toddler toddlers", "crianca criancas bebe bebes filho filhos filha filhas"},
	{cNumbersGuest, "personas persona pax huesped huespedes adulto adultos gente somos pareja", "people person persons adult adults guest guests couple", "pessoas pessoa adulto adultos hospedes somos casal"},
	{cCheckIn, "check_in checkin chek_in ingreso ingresar ingresamos entrada hacer_el_check chequear_entrada registrarme", "check_in checkin checking_in check_me_in chk_in check_us_in checked_in", "check_in checkin entrada fazer_o_check"},
	{cCheckOut, "check_out checkout chek_out salida egreso hora_de_salir dejar_la_habitacion desocupar", "check_out checkout checking_out checked_out check_me_out check_us_out chk_out", "check_out checkout saida"},
	{cGone, "dejar_la_habitacion dejo_la_habitacion dejamos_la_habitacion desocup* entregar_la_habitacion hacer_el_check_out hacer_check_out hacer_el_checkout", "check_me_out check_us_out leave_the_room vacate like_to_check_out want_to_check_out ready_to_check_out", "deixar_o_quarto fazer_o_check_out fazer_o_checkout fazer_check_out desocupar"},
	{cArrive, "llego llegamos llegar llegaria llegada llegaremos llegando entramos entro entrar arribo", "arrive arriving arrival get_there come_in coming getting_there", "chego chegamos chegar chegada chegaremos"},
	{cLeave, "salgo salimos irnos me_voy nos_vamos partida partimos salida salir", "leave leaving depart departing departure", "saio saimos partida partimos ir_embora saida"},
	{cTable, "mesa mesas", "table tables restaurant_reservation dinner_reservation dining_reservation", "mesa"},
	{cHotel, "hotel hoteles hosteria posada hostel casa", "hotel hotels place guesthouse house inn", "hotel hoteis pousada"},
}

var requestWords = []conceptWords{
	{cMy, "mi mis nuestra nuestro nuestras nuestros", "my our", "minha meu nossa nosso"},
	{cWhere, "donde adonde", "where whereabouts", "onde"},
	{cWhen, "cuando a_que_hora que_hora hasta_que_hora desde_que_hora", "when what_time until_when how_late how_early", "quando que_horas a_que_horas ate_que_horas"},
	{cHour, "hora horas horario horarios abre abren abierto cierra cierran", "hour hours time times open opens close closes opening", "hora horas horario horarios abre fecha aberto"},
	{cWhat, "que cual cuales", "what which whats", "que qual quais"},
	{cHave, "tienen tenes tiene tienes hay tendran tendrian tendras tendrias cuentan ofrecen existe", "have has is_there are_there got offer do_you_have provide any", "tem ha existe voces_tem oferecem"},
	{cAccept, "acept* permit* admit* dejan_entrar reciben se_puede", "accept accepts allow allowed allows permit permitted take welcome friendly", "aceit* permit* pode_levar"},
	{cWant, "quiero queremos quisiera quisieramos quisiese necesito necesitamos necesitaria preciso precisamos busco buscamos gustaria querria queria deseo deseamos decime dime contame dame deme me_das me_da pasame consegui", "want need id_like i_like would_like looking require wanna wish get_me find_me gimme we_like find search tell_me give_me can_i_get could_i_get can_i_have could_i_have how_about i_require", "quero queremos queria gostaria preciso precisamos desejo procuro"},
	{cBring, "traer traigan traiganme traeme trae traes traen mandar manden mandenme mandame mandan enviar envien enviarme suban subir subime subanme alcanz* me_pueden_dar", "bring send deliver sent brought get_some", "trazer traga tragam trazem mandar mandem enviar"},
	{cCan, "puedo podemos podria podriamos pueden puede podes podrias podrian podras posible puedes", "can could may might possible able", "posso podemos poderia podem pode poderiam possivel"},
	{cLate, "tarde tardio tardia despues mas_tarde", "late later", "tarde tardio depois"},
	{cEarly, "temprano antes anticipado early", "early earlier before sooner", "cedo antes"},
	{cMore, "mas otra otro otras otros extra adicional*", "more extra another additional", "mais outra outro extra"},
	{cYou, "vos usted ustedes su sus tu", "you your", "voces seu sua"},
	{cLike, "como_es como_son como_esta que_diferencia describ* caracteristicas", "what_is_the describe what_are_the whats_the look_like difference tell_me_about size beds", "como_e como_sao descreva"},
	{cOffer, "incluye incluido incluida incluidos incluyen", "include includes included including come_with comes_with", "inclui incluso incluido inclusa"},
	{cPhoto, "foto fotos imagenes video", "photo photos picture pictures pics images", "foto fotos imagens"},
	{cQuestion, "consulta pregunta duda", "question wondering", "duvida pergunta"},
}

var talkWords = []conceptWords{
	{cNeg, "no ni nunca tampoco nop jamas", "no not dont cant wont isnt doesnt didnt never nope wouldnt", "nao nunca nem"},
	{cRefuse, "no_quiero no_queremos ya_no no_deseo", "dont_want do_not_want not_wish dont_need do_not_need dont_reserve dont_book not_want not_interested", "nao_quero nao_queremos"},
	{cUnsure, "no_se no_estoy_seguro no_estoy_segura ni_idea no_lo_se", "dont_know not_sure no_idea", "nao_sei sei_la"},
	{cYes, "no_hay_problema sin_problema ningun_problema si sii sip sep claro dale ok oka oki okey okay listo perfecto genial exacto obvio bueno joya buenisimo barbaro afirmativo confirmo confirmado confirmar confirma correcto vale bien de_una por_supuesto de_acuerdo esta_bien me_parece_bien asi_es eso_es tal_cual adelante sisi supuesto obvio cierto por_favor_si va hecho excelente seguro hazlo hacelo estupendo orale andale sale_pues", "no_problem yes yep yeah yup yea ya ok okay okey sure correct right perfect great absolutely definitely fine confirm confirmed exactly indeed true of_course sounds_good go_ahead thats_right that_works works_for_me please_do do_it good alright certainly affirmative cool lovely awesome yess totally excellent", "sem_problema sim s claro ok certo isso perfeito confirmo confirmado pode pode_ser com_certeza beleza combinado fechado otimo correto blz isso_mesmo ta_bom"},
	{cNo, "no noo nop nopo nono nah negativo para_nada mejor_no todavia_no ahora_no no_gracias de_ninguna_manera rechazar falso incorrecto", "no nope nah noo not_really not_now not_yet no_thanks no_thank_you no_way negative dont wrong false incorrect", "nao n negativo agora_nao melhor_nao de_jeito_nenhum"},
	{cOk, "bueno ok dale listo", "ok okay", "ok"},
	{cWrong, "incorrecto equivocado mal error falso", "wrong incorrect false mistake untrue", "errado incorreto"},
	{cThanks, "gracias grax grac graciass agradec* mil_gracias muchas_gracias te_agradezco muy_amable", "thanks thank thx ty tks thankyou cheers appreciate appreciated grateful thankful", "obrigado obrigada obg brigado valeu agradeco"},
	{cHello, "hola holis ola holaa buenas buenos_dias buen_dia buenas_tardes buenas_noches que_tal como_estas como_andas como_esta_usted como_va saludos hey que_onda feliz_navidad felices_fiestas feliz_ano", "hello hi hey hiya howdy good_morning good_afternoon good_evening morning evening how_are_you whats_up sup greetings hows_it_going how_is_it_going how_are_things merry_christmas happy_new happy_holidays", "ola oi oie bom_dia boa_tarde boa_noite tudo_bem tudo_bom e_ai"},
	{cBye, "adios chau chao chaucito hasta_luego hasta_pronto hasta_la_vista nos_vemos hasta_manana bye saludos_cordiales que_tengas que_tengan me_despido hasta_la_proxima hasta_otra te_veo cuidate me_voy tengo_que_irme hablamos_luego buenas_noches_hasta", "bye goodbye byebye cya see_you see_ya later_dude laters take_care farewell good_night so_long ttyl have_a_good have_a_nice have_a_great talk_to_you gotta_go catch_you talk_later im_leaving im_off", "tchau adeus ate_logo ate_mais ate_breve ate_amanha falou"},
	{cHelp, "ayuda ayudame ayudarme ayudar socorro que_podes_hacer que_puedes_hacer que_haces como_funciona menu_principal opciones info informacion", "help assist assistance support what_can_you_do options stuck", "ajuda ajudar me_ajuda opcoes"},
	{cPerson, "humano humana persona agente asesor asesora operador operadora recepcionista recepcion alguien gerente encargado encargada representante soporte atencion_al_cliente servicio_al_cliente empleado supervisor responsable dueno conserje", "human person agent operator representative receptionist reception someone somebody manager staff advisor concierge supervisor real_person front_desk customer_service support", "humano pessoa atendente recepcionista recepcao alguem gerente"},
	{cTalk, "hablar hablo hable hablame charlar comunicar* comunica* comuniqu* contactar atienda atender atiendan pasame_con pasa_con pasame llamen llamenme comunicate derivame conectame avisale avisales avisen avisar avisenle", "talk speak speaking connect transfer contact put_me call_me chat", "falar fale conversar contatar me_passa atender"},
	{cAbort, "dejalo dejala olvidalo olvidate olvida no_quiero_seguir no_sigas no_importa no_quiero_nada mejor_no dejemos deja_asi no_hace_falta detener detenete parar basta no_quiero_reservar ya_no_quiero abortar empezar_de_nuevo interrump* cancela_eso cancelar_aplicacion no_hagas_eso dejemoslo llamo_por_telefono mejor_llamo los_llamo llamo_yo", "never_mind nevermind forget_it forget_about forget_that stop_it stop drop_it cancel_that cancel_it dont_bother abort quit exit start_over scratch_that no_longer_want leave_it", "deixa_pra_la esquece esqueca deixa nao_quero_mais pare parar nao_quero_continuar"},
	{cStop, "baja no_me_escriban_mas no_molesten darme_de_baja no_quiero_mas_mensajes", "unsubscribe stop opt_out", "descadastrar sair_da_lista"},
	{cDelete, "borren_mis_datos borrar_mis_datos eliminar_mis_datos eliminen_mis_datos borra_mis_datos olviden_mis_datos", "delete_my_data erase_my_data remove_my_data delete_my_information forget_me", "apagar_meus_dados excluir_meus_dados apaguem_meus_dados"},
	{cElse, "chiste* clima pronostico futbol noticias receta* musica cancion traduc* horoscopo loteria pelicula* politico presidente banco cripto bitcoin dolar vuelo vuelos auto_nuevo alarma record* recordatorio temperatura lluvia llover lloviendo soleado grados paraguas calcula* matrimonio_conmigo robot edad_tienes te_llamas quien_sos quien_eres tu_nombre", "joke jokes weather forecast football news recipe recipes music song translate horoscope lottery movie movies president bank crypto bitcoin flight flights alarm remind reminder timer temperature rain raining snow sunny umbrella calculator definition calendar insurance credit_card_bill mortgage oil tire tires traffic gas account balance transaction* transfer_money salary paycheck tax taxes apr interest routing credit_score credit_limit pto vacation_days w2 rewards ", "piada clima previsao futebol noticias receita musica loteria filme presidente banco voo"},
	{cAnger, "verguenza estafa estafadores ladrones inutil inutiles harto harta mierda carajo pelotudo pelotudos idiota idiotas puta verga chingada", "scam ridiculous unacceptable useless fuck shit angry furious", "vergonha golpe inutil merda"},
	{cComplaint, "queja quejas quejarme reclamo reclamar denuncia pesimo pesima horrible horribles terrible desastre asco asqueros* suci* mugre ruido ruidos ruidoso cucaracha* bichos chinches decepcion* mala_atencion no_puedo_dormir inaceptable huele olor", "complain* complaint awful terrible horrible worst disgusting dirty filthy noise noisy smell smells cockroach* bugs bedbugs disappoint* unacceptable rude unhappy complicated unacceptable", "reclamacao reclamar pessimo horrivel terrivel nojento sujo suja barulho decepcionad*"},
	{cBroken, "rota roto rotas rotos no_funciona no_anda no_funcionan no_andan no_prende no_enciende no_hay_agua se_rompio no_hay_luz no_calienta no_enfria descompuest* un_problema tengo_problemas problemas_con lento lenta anda_mal malo tapado tapada pierde_agua gotea averiad* no_sale_agua", "broken not_working doesnt_work isnt_working dont_work wont_work out_of_order leaking leak a_problem problem_with problems_with an_issue issue_with issues_with some_issues something_wrong wrong_with so_slow slow is_dead just_dead stuck so_bad is_bad been_working cant_get clogged no_hot_water fix repair stopped_working not_clean", "quebrado quebrada nao_funciona nao_liga nao_esta_funcionando sem_agua entupido vazando"},
	{cRefund, "reembols* devolucion devuelv* devolv* reintegr* que_me_devuelvan sena", "refund refunds reimburs* money_back deposit_back", "reembols* devoluc* devolvam estorn*"},
	{cMissing, "perdi perdimos perdido olvide olvidamos olvidado deje_olvidado deje_mi deje_el deje_la deje_un deje_una extravi* se_me_quedo me_deje", "lost lose missing left_my left_behind forgot cant_find forgotten misplaced lost_and_found havent_seen cant_seem", "perdi perdemos esqueci esquecemos deixei"},
	{cThing, "celular telefono pasaporte billetera cartera llave llaves cargador anteojos lentes reloj campera abrigo documento dni bolso mochila anillo collar ropa", "phone passport wallet purse keys key charger glasses watch jacket coat camera ring necklace bag backpack laptop umbrella earrings sunglasses scarf book belongings headphones", "celular passaporte carteira chave chaves carregador oculos relogio casaco bolsa mochila"},
}

var houseWords = []conceptWords{
	{cWifi, "wifi wi_fi internet contrasena_de_wifi clave_del clave conexion", "wifi wi_fi internet password wireless", "wifi wi_fi internet senha"},
	{cParking, "cochera cocheras estacionamiento estacionar aparcamiento aparcar parking garage garaje garages playa_de_estacionamiento parqueo parquear parqueadero", "parking park garage valet", "estacionamento estacionar garagem vaga_para_carro"},
	{cCar, "auto autos coche coches carro camioneta moto vehiculo", "car cars vehicle motorcycle", "carro carros moto"},
	{cPets, "mascota mascotas perro perros perra perrito perrita gato gatos gata gatito perrito animal animales petfriendly", "pet pets dog dogs cat cats puppy animal animals", "pet pets cachorro cachorros cao gato gatos animal animais"},
	{cPool, "pileta piletas piscina piscinas alberca natatorio", "pool pools swimming swim", "piscina piscinas"},
	{cGym, "gimnasio gym fitness", "gym fitness treadmill workout weights exercise", "academia ginasio"},
	{cSpa, "spa masaje masajes sauna jacuzzi hidromasaje", "spa massage massages sauna jacuzzi facial treatment treatments manicure pedicure waxing", "spa massagem massagens sauna"},
	{cRestaurant, "restaurante restaurant restoran resto cena cenar almuerzo almorzar comer media_pension pension_completa bar vegetariano vegano celiaco sin_tacc", "restaurant dinner lunch dine dining eat bar vegan vegetarian gluten half_board full_board", "restaurante jantar almoco almocar comer bar"},
	{cBreakfast, "desayuno desayunos desayunar", "breakfast breakfasts brekkie", "cafe_da_manha pequeno_almoco desjejum"},
	{cLaundry, "lavanderia lavar lavado tintoreria planchar plancha", "laundry laundromat dry_cleaning washing wash ironing washer", "lavanderia lavar passar_roupa"},
	{cSmoke, "fumar fumador fumadores cigarrillo cigarrillos", "smoke smoking smoker smokers cigarette cigarettes vape vaping", "fumar fumante fumantes cigarro"},
	{cAccess, "silla_de_ruedas discapacidad discapacitad* accesib* movilidad_reducida ascensor elevador rampa rampas", "wheelchair disabled disability accessib* elevator lift ramp handicap* mobility", "cadeira_de_rodas acessib* deficien* elevador rampa"},
	{cPhone, "telefono telefonos tel numero_de_telefono mail email correo whatsapp contacto instagram", "phone telephone phone_number email contact number call", "telefone email contato numero whatsapp"},
	{cPay, "pagar pago pagos abonar abono tarjeta tarjetas efectivo transferencia debito credito mercado_pago mercadopago cuotas deposito dolares pesos sena seniar medios_de_pago", "pay payment payments paying card cards cash credit debit visa mastercard amex paypal deposit installments prepay", "pagar pagamento cartao cartoes dinheiro pix transferencia boleto parcelar"},
	{cTax, "iva impuesto impuestos", "vat tax taxes", "imposto impostos"},
	{cInvoice, "factura facturas recibo comprobante ticket cuit", "invoice receipt bill", "fatura nota_fiscal recibo"},
	{cTransport, "traslado traslados transfer taxi remis shuttle transporte uber colectivo bondi", "shuttle taxi cab transfer transfers transport transportation pick_up pickup uber bus", "traslado transfer taxi transporte onibus uber"},
	{cAirport, "aeropuerto terminal estacion_de_tren omnibus", "airport station train", "aeroporto rodoviaria estacao"},
	{cPolicy, "politica politicas penalidad penalizacion multa condiciones reglas normas terminos flexible", "policy policies penalty rules terms conditions", "politica politicas multa regras condicoes"},
	{cFree, "gratis gratuit* sin_cargo sin_costo bonificad*", "free complimentary no_charge", "gratis gratuit* de_graca"},
	{cServices, "servicios servicio comodidades instalaciones", "services facilities amenities", "servicos comodidades instalacoes"},
	{cAmenity, "aire aire_acondicionado calefaccion heladera frigobar nevera minibar tele tv television secador caja_fuerte balcon cocina microondas kitchenette pava vista vista_al ventilador banera bano_privado ducha", "air_conditioning ac heating fridge minibar tv television hairdryer hair_dryer safe balcony kitchen microwave kettle view bathtub shower bathroom private_bathroom iron coffee_maker", "ar_condicionado aquecimento geladeira frigobar tv televisao secador cofre varanda cozinha microondas banheiro"},
	{cAddress, "direccion ubicacion ubicad* ubican mapa domicilio como_llego como_llegar quedan queda calle estan_ubicados", "address location located directions map street how_do_i_get how_do_we_get how_to_get_there", "endereco localizacao localizad* fica ficam mapa rua como_chego"},
	{cNear, "cerca lejos distancia centro playa", "near close far distance downtown centre center beach walking", "perto longe distancia centro praia"},
	{cLuggage, "valija valijas equipaje maleta maletas bolsos", "luggage bags suitcase suitcases baggage", "mala malas bagagem"},
}

var serviceWords = []conceptWords{
	{cLinen, "toalla toallas sabana sabanas jabon jabones champu shampoo almohada almohadas frazada frazadas manta mantas papel_higienico cepillo cepillos pasta_de_dientes percha perchas acondicionador desodorante detergente afeitadora maquinilla bata pantuflas panuelos edredon rollo rollos hilo_dental peine crema", "towel towels sheet sheets soap soaps shampoo pillow pillows blanket blankets toilet_paper toothbrush toothbrushes toothpaste hangers hanger conditioner deodorant razor razors robe slippers tissues comforter tissue lotion detergent tampons iron sponge floss shaving mouthwash comb", "toalha toalhas lencol lencois sabonete xampu travesseiro travesseiros cobertor cobertores papel_higienico escova"},
	{cClean, "limpi* limpieza mucama aseo hagan_la_habitacion tender_la_cama", "clean cleaned cleaning housekeeping maid make_up_the_room", "limpar limpem limpeza arrumar camareira"},
	{cFood, "hamburguesa* pizza* sandwich* sanguche* milanesa* cafe cerveza* vino gaseosa* coca agua ensalada* hambre un_te papas_fritas empanada* comida tostado* torta* galleta* brownie* pollo sopa pasta jugo desayuno_a helado tocino huevos pescado bebida* yogur muffin magdalena* macarrones pavo fideos postre*", "burger* hamburger* pizza* sandwich* coffee tea beer beers wine soda coke salad hungry fries food meal cake* cookies brownies chicken soup pasta juice ice_cream bacon eggs omelet omelette steak hangry drink drinks snack yogurt muffin burrito egg peckish munchies famished sustenance supper starving dessert toast water brownie cookie taco* cheese champagne", "hamburguer* pizza* sanduiche* cafe cerveja* vinho refrigerante agua salada fome comida bolo frango sopa suco sorvete"},
	{cRoomService, "room_service servicio_a_la_habitacion servicio_de_habitacion* servicio_al_cuarto menu carta pedir_comida", "room_service menu in_room_dining order 24_hour", "servico_de_quarto room_service cardapio"},
	{cCot, "cuna cunas practicuna cama_adicional cama_extra catre", "crib cribs cot cots rollaway extra_bed baby_bed", "berco bercos cama_extra"},
	{cSpecial, "aniversario cumpleanos luna_de_miel sorpresa piso_alto flores alergia alergico alergica decor* planta_baja", "anniversary birthday honeymoon surprise high_floor flowers allergy allergic decorat* quiet_room ground_floor", "aniversario lua_de_mel surpresa andar_alto flores alergia"},
}
